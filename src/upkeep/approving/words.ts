/** The quote of a request as sentences, the same in a notice and on the page. */

import type { QuotedLoss } from '../../plan/approval.ts';

export const quoteInWords = ({ beyond, objectiveSeconds, parts, says, within }: QuotedLoss): string[] => [
  says,
  within
    ? `That is within the objective of ${objectiveSeconds} s.`
    : `That is beyond the objective of ${objectiveSeconds} s: ${beyond.join('; ')}.`,
  ...parts
    .filter(({ part, seconds }) => part !== 'database' && seconds !== undefined && seconds > 0)
    .map(({ part, seconds }) => `The recovery side's copy of ${part} was ${seconds} s behind.`),
];
