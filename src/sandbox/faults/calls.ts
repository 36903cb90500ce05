/**
 * Refuses a fault about a service or an operation that isn't there: a slip of the pen would stand and never meet a call. What comes
 * closest is named first.
 */

import { usageError } from '../../kernel/errors.ts';
import type { FaultSpec } from './specs.ts';

/** The operations of each service that can be called, by the service's signing name. */
export type CallNames = ReadonlyMap<string, Iterable<string>>;

export function checkCalls(spec: FaultSpec, known: CallNames): void {
  const { service, operation } = spec as { readonly service?: string; readonly operation?: string };
  if (service !== undefined && !known.has(service)) {
    throw refused(`The fault ${spec.kind} is about a service that isn't there.`, service, [...known.keys()], {
      next: otherNames[service] === undefined ? undefined : `${service} is ${otherNames[service]} to a signature.`,
    });
  }
  if (operation === undefined) return;
  const names =
    service === undefined ? [...known.values()].flatMap((one) => [...one]) : [...(known.get(service) ?? [])];
  if (names.includes(operation)) return;
  const owners = [...known].filter(([, one]) => [...one].includes(operation)).map(([name]) => name);
  throw refused(
    service === undefined
      ? `The fault ${spec.kind} is about an operation that no service here has.`
      : `The fault ${spec.kind} is about an operation that ${service} doesn't have here.`,
    operation,
    [...new Set(names)],
    { next: owners.length === 0 ? undefined : `${operation} is an operation of ${owners.join(', ')}.` },
  );
}

/** What people and tools call services by beside their signing names. */
const otherNames: Readonly<Record<string, string>> = {
  cloudwatch: 'monitoring',
  cloudwatchlogs: 'logs',
  elb: 'elasticloadbalancing',
  elbv2: 'elasticloadbalancing',
  elasticloadbalancingv2: 'elasticloadbalancing',
  eventbridge: 'events',
  sfn: 'states',
  stepfunctions: 'states',
};

/** As many as a reader compares at a glance. */
const mostNamed = 12;

function refused(what: string, given: string, names: readonly string[], { next }: { next: string | undefined }): Error {
  const wanted = otherNames[given] ?? given;
  const ranked = names
    .map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance || one.name.localeCompare(other.name))
    .map(({ name }) => name);
  const rest = ranked.length - mostNamed;
  const allowed = [...ranked.slice(0, mostNamed), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
  return usageError(what, { given, allowed, ...(next === undefined ? {} : { next }) });
}

/** How many letters have to be put in, taken out or changed to make one of the other (Levenshtein); less where one begins the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let column = 1; column <= other.length; column++) {
      const changed = (row[column - 1] ?? 0) + (one[at - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min((row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, changed));
    }
    row = next;
  }
  const edits = row[other.length] ?? 0;
  return other.startsWith(one) || one.startsWith(other) ? edits / 4 : edits;
}
