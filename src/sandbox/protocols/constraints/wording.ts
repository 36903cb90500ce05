/**
 * What AWS says of an input its model doesn't allow: one sentence for every violation, in the common words of its services.
 *
 * Sources, answers of AWS quoted in public issues and repositories:
 *  - the form, and several in one message: DynamoDB in hlcup/python-dynamodb tests; the lists' form, Auto Scaling in
 *    zalando-incubator/kube-ingress-aws-controller#139; a missing member, Elastic Load Balancing in zalando-stups/fullstop#528;
 *  - sensitive values left out: Cognito and Firehose ("Value at 'password' failed …"); KMS in moto.
 */

import type { Demand, Step, Violation } from './violations.ts';

/** `2 validation errors detected: Value '' at 'tableName' failed to satisfy constraint: …; Value null at …` */
export function validationErrors(violations: readonly Violation[]): string {
  const count = violations.length;
  return `${count} validation error${count === 1 ? '' : 's'} detected: ${violations.map(sentence).join('; ')}`;
}

function sentence({ path, value, sensitive, demand, inside }: Violation): string {
  const shown = sensitive ? '' : value === undefined ? ' null' : ` '${shownValue(value)}'`;
  return `Value${shown} at '${coralPath(path)}' failed to satisfy constraint: ${
    inside === undefined ? demanded(demand) : demandedInside(inside)
  }`;
}

/** `tags.1.member.key`: members begin in lower case, items are counted from 1, and what is inside a list or a map is its `member`. */
export const coralPath = (path: readonly Step[]): string =>
  path
    .map((step) =>
      'member' in step ? lowerFirst(step.member) : `${'index' in step ? step.index + 1 : step.key}.member`,
    )
    .join('.');

/** `Tags.0.Key`, as the SDK's shapes have it. */
export const plainPath = (path: readonly Step[]): string =>
  path.map((step) => ('member' in step ? step.member : 'index' in step ? step.index : step.key)).join('.');

export function demanded(demand: Demand): string {
  switch (demand.kind) {
    case 'required':
      return 'Member must not be null';
    case 'pattern':
      return `Member must satisfy regular expression pattern: ${demand.pattern}`;
    case 'values':
      return `Member must satisfy enum value set: [${demand.values.join(', ')}]`;
    case 'maxLength':
      return `Member must have length less than or equal to ${demand.limit}`;
    case 'minLength':
      return `Member must have length greater than or equal to ${demand.limit}`;
    case 'maxValue':
      return `Member must have value less than or equal to ${demand.limit}`;
    case 'minValue':
      return `Member must have value greater than or equal to ${demand.limit}`;
  }
}

function demandedInside({ of, demands }: NonNullable<Violation['inside']>): string {
  const whose = of === 'item' ? 'Member' : of === 'key' ? 'Map keys' : 'Map value';
  return `${whose} must satisfy constraint: [${demands.map(demanded).join(', ')}]`;
}

/** As Java prints it: `[a, b]`, `{k=v}`, `Tag(key=a, value=b)` without the name, which the input doesn't carry. */
function shownValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shownValue).join(', ')}]`;
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, held]) => `${name}=${shownValue(held)}`)
    .join(', ')}}`;
}

export const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
