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
  const layer = verdict.explicit ? verdict.by.layer : verdict.layer;
  // The resource policy of a role is its trust policy: assuming roles is all it is asked about.
  const { article, name } = layer === 'resource' && action.startsWith('sts:') ? trust : kinds[layer];
  const reason = verdict.explicit
    ? `with an explicit deny in ${article} ${name}`
    : `because no ${name} allows the ${action} action`;
  const what = resource === '*' ? '' : ` on resource: ${resource}`;
  return `User: ${arn} is not authorized to perform: ${action}${what} ${reason} [${evidence(verdict, looked)}]`;
}

/** `statement AllowUpload (number 1) of inline policy uploads` */
export const describeStatement = ({ policy, sid, index }: StatementRef): string =>
  `statement ${sid === undefined ? `number ${index + 1}` : `${sid} (number ${index + 1})`} of ${policy}`;

/** Source: IAM User Guide, "Troubleshoot access denied error messages". */
const kinds: Record<Layer, { readonly article: string; readonly name: string }> = {
  identity: { article: 'an', name: 'identity-based policy' },
  resource: { article: 'a', name: 'resource-based policy' },
  boundary: { article: 'a', name: 'permissions boundary' },
  session: { article: 'a', name: 'session policy' },
  endpoint: { article: 'a', name: 'VPC endpoint policy' },
};

const trust = { article: 'the', name: 'role trust policy' };

function evidence(verdict: Denial['verdict'], looked: readonly string[]): string {
  if (verdict.explicit) return `decided by ${describeStatement(verdict.by)}`;
  return looked.length === 0 ? 'there is none' : `no statement allows it in: ${looked.join(', ')}`;
}
