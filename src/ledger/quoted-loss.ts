/** Of a quote what an approval is bound to. */

import type { QuotedLoss } from '../plan/approval.ts';
import type { Quote } from './quote.ts';

export const quotedLoss = ({
  at,
  beyond,
  buckets,
  database,
  objectiveSeconds,
  says,
  unknown,
  within,
}: Quote): QuotedLoss => ({
  at,
  says,
  objectiveSeconds,
  within,
  beyond,
  parts: [
    { part: 'database', ...told(database.expected.value) },
    ...buckets.map(({ behind, bucket }) => ({ part: `bucket ${bucket}`, ...told(behind.value) })),
  ],
  unknown,
});

/** As it will be read again: JSON knows nothing that is undefined. */
const told = (seconds: number | undefined) => (seconds === undefined ? {} : { seconds });
