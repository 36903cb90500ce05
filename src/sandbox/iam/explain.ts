/** A verdict in words: AWS's own sentence, then the statement that decided or the policies that were looked at. */

import type { Layer, StatementRef } from './layer.ts';
import type { Verdict } from './verdict.ts';

export interface Denial {
  readonly arn: string;
  readonly action: string;
  readonly resource: string;
  readonly verdict: Extract<Verdict, { allowed: false }>;
  /** The names of the policies of the layer that said nothing. */
  readonly looked: readonly string[];
}

/** `User: … is not authorized to perform: … because no identity-based policy allows the … action. [looked at: …]` */
export function denialMessage({ arn, action, resource, verdict, looked }: Denial): string {
  const reason = verdict.explicit
    ? `with an explicit deny in ${article[verdict.by.layer]} ${kinds[verdict.by.layer]}`
    : `because no ${kinds[verdict.layer]} allows the ${action} action`;
  const what = resource === '*' ? '' : ` on resource: ${resource}`;
  return `User: ${arn} is not authorized to perform: ${action}${what} ${reason} [${evidence(verdict, looked)}]`;
}

/** `statement AllowUpload (number 1) of inline policy uploads` */
const describeStatement = ({ policy, sid, index }: StatementRef): string =>
  `statement ${sid === undefined ? `number ${index + 1}` : `${sid} (number ${index + 1})`} of ${policy}`;

const kinds: Record<Layer, string> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
};

const article: Record<Layer, string> = { identity: 'an', resource: 'a', boundary: 'a', session: 'a' };

function evidence(verdict: Denial['verdict'], looked: readonly string[]): string {
  if (verdict.explicit) return `decided by ${describeStatement(verdict.by)}`;
  return looked.length === 0 ? 'there is none' : `no statement allows it in: ${looked.join(', ')}`;
}
