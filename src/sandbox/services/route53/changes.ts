/** Change batches: judged as a whole, then written as a whole. */

import { isIPv4, isIPv6 } from 'node:net';
import type { Change, ChangeBatch, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { limits } from '../../../facts/limits.ts';
import { AwsError } from '../../contract.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { fullName, type ZoneRow } from './rows.ts';

/** Types the sandbox's name servers answer. */
const served = new Set(['A', 'AAAA', 'CNAME', 'TXT', 'NS', 'SOA']);

const refused = [
  'Region',
  'GeoLocation',
  'MultiValueAnswer',
  'TrafficPolicyInstanceId',
  'CidrRoutingConfig',
  'GeoProximityLocation',
];

export interface RecordChange {
  readonly remove: boolean;
  readonly key: string;
  readonly record: ResourceRecordSet;
}

export const recordKey = ({ Name, Type, SetIdentifier = '' }: ResourceRecordSet): string =>
  `${fullName(Name)}|${Type}|${SetIdentifier}`;

/** The changes of a batch, in order. Throws `InvalidChangeBatch` with everything that is wrong; then nothing may be changed. */
export function plannedChanges(
  zone: ZoneRow,
  records: ReadonlyMap<string, ResourceRecordSet>,
  healthChecks: { has(id: string): boolean },
  batch: ChangeBatch | undefined,
): RecordChange[] {
  checkSize(batch?.Changes ?? []);
  const after = new Map(records);
  const problems: string[] = [];
  const changes = (batch?.Changes ?? []).map((change) => {
    const planned = plan(change);
    const problem = problemOf(zone, after, healthChecks, change, planned);
    if (problem !== undefined) problems.push(problem);
    else if (planned.remove) after.delete(planned.key);
    else after.set(planned.key, planned.record);
    return planned;
  });
  if (problems.length > 0) {
    throw new AwsError('InvalidChangeBatch', `[${problems.join(', ')}]`, { fields: { messages: problems } });
  }
  return changes;
}

/** An UPSERT is a deletion and a creation. Source: Route 53 Developer Guide, "Quotas": maximums on ChangeResourceRecordSets. */
function checkSize(changes: readonly Change[]): void {
  const most = limits.route53.changes_per_request;
  const weight = changes.reduce((sum, { Action }) => sum + (Action === 'UPSERT' ? 2 : 1), 0);
  if (weight <= most) return;
  const problem = `Number of records limit of ${most} exceeded.`;
  throw new AwsError('InvalidChangeBatch', `[${problem}]`, { fields: { messages: [problem] } });
}

function plan({ Action, ResourceRecordSet: given }: Change): RecordChange {
  const record = { ...given, Name: fullName(given?.Name), Type: given?.Type };
  refuseMembers('ChangeResourceRecordSets', record, refused);
  if (!served.has(record.Type ?? '')) throw unsupported(`records of type ${record.Type}`);
  return { remove: Action === 'DELETE', key: recordKey(record), record };
}

function problemOf(
  zone: ZoneRow,
  records: ReadonlyMap<string, ResourceRecordSet>,
  healthChecks: { has(id: string): boolean },
  { Action }: Change,
  { key, record }: RecordChange,
): string | undefined {
  const { Name = '', Type } = record;
  const what = `resource record set [name='${Name}', type='${Type}'${record.SetIdentifier === undefined ? '' : `, set identifier='${record.SetIdentifier}'`}]`;
  const before = records.get(key);
  if (Action === 'DELETE') {
    if (before === undefined) return `Tried to delete ${what} but it was not found`;
    return sameRecord(before, record)
      ? undefined
      : `Tried to delete ${what} but the values provided do not match the current values`;
  }
  if (Action === 'CREATE' && before !== undefined) return `Tried to create ${what} but it already exists`;
  if (Name !== zone.name && !Name.endsWith(`.${zone.name}`)) {
    return `RRSet with DNS name ${Name} is not permitted in zone ${zone.name}`;
  }
  if (Type === 'CNAME' && Name === zone.name)
    return `RRSet of type CNAME with DNS name ${Name} is not permitted at apex in zone ${zone.name}`;
  if (record.HealthCheckId !== undefined && !healthChecks.has(record.HealthCheckId)) {
    return `The health check ${record.HealthCheckId} of ${what} does not exist`;
  }
  return (
    shapeProblem(record, what) ?? neighbourProblem(records, key, record, what) ?? aliasProblem(zone, records, record)
  );
}

/** An alias into its own zone has to point at something that is there. */
function aliasProblem(
  zone: ZoneRow,
  records: ReadonlyMap<string, ResourceRecordSet>,
  { Type, AliasTarget }: ResourceRecordSet,
): string | undefined {
  if (AliasTarget?.HostedZoneId !== zone.id) return undefined;
  const goal = fullName(AliasTarget.DNSName);
  const tried = `Tried to create an alias that targets ${goal}, type ${Type} in zone ${zone.id}`;
  if (goal !== zone.name && !goal.endsWith(`.${zone.name}`)) {
    return `${tried}, but the alias target name does not lie within the target zone`;
  }
  const found = [...records.values()].some((one) => one.Name === goal && one.Type === Type);
  return found ? undefined : `${tried}, but that target was not found`;
}

/** What is wrong with a record set by itself. */
function shapeProblem(record: ResourceRecordSet, what: string): string | undefined {
  const { AliasTarget, TTL, ResourceRecords = [], SetIdentifier, Failover, Weight } = record;
  const routed = Failover !== undefined || Weight !== undefined;
  if (AliasTarget !== undefined && (TTL !== undefined || ResourceRecords.length > 0)) {
    return `${what} must have an alias target, or a TTL and records, not both`;
  }
  if (AliasTarget === undefined && (TTL === undefined || ResourceRecords.length === 0)) {
    return `Invalid request: Missing field 'TTL' or 'ResourceRecords' in ${what}`;
  }
  const illegal = ResourceRecords.find(({ Value = '' }) => !isLegal(record.Type, Value));
  if (illegal !== undefined) {
    return `Invalid Resource Record: 'FATAL problem: ${problems[record.Type ?? ''] ?? 'InvalidCharacterString'} encountered with '${illegal.Value}''`;
  }
  if (routed !== (SetIdentifier !== undefined))
    return `${what} needs a set identifier with a routing policy, and only then`;
  return Failover !== undefined && Weight !== undefined ? `${what} can have one routing policy` : undefined;
}

/** Route 53's own words, which name what is wrong in DNS's terms. */
const problems: Readonly<Record<string, string>> = {
  A: 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)',
  AAAA: 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)',
  TXT: 'InvalidCharacterString (Value should be enclosed in quotation marks)',
};

function isLegal(type: string | undefined, value: string): boolean {
  if (type === 'A') return isIPv4(value);
  if (type === 'AAAA') return isIPv6(value);
  return type !== 'TXT' || /^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$/.test(value);
}

/** What is wrong with it beside its neighbours. */
function neighbourProblem(
  records: ReadonlyMap<string, ResourceRecordSet>,
  key: string,
  record: ResourceRecordSet,
  what: string,
): string | undefined {
  for (const [otherKey, other] of records) {
    if (otherKey === key || other.Name !== record.Name) continue;
    if ((other.Type === 'CNAME') !== (record.Type === 'CNAME'))
      return `RRSet of type ${record.Type} with DNS name ${record.Name} conflicts with another of type ${other.Type}`;
    if (other.Type !== record.Type) continue;
    const bothRouted = other.SetIdentifier !== undefined && record.SetIdentifier !== undefined;
    if (!bothRouted || (other.Failover === undefined) !== (record.Failover === undefined)) {
      return `${what} conflicts with another that has the same name and type but a different routing policy`;
    }
    if (record.Failover !== undefined && other.Failover === record.Failover)
      return `Failover ${record.Failover} of ${what} is already taken`;
  }
  return undefined;
}

function sameRecord(left: ResourceRecordSet, right: ResourceRecordSet): boolean {
  const essence = ({ TTL, ResourceRecords, AliasTarget, Failover, Weight, HealthCheckId }: ResourceRecordSet): string =>
    JSON.stringify([
      TTL,
      (ResourceRecords ?? []).map(({ Value = '' }) => Value).sort((a, b) => (a < b ? -1 : 1)),
      AliasTarget === undefined ? undefined : [fullName(AliasTarget.DNSName), AliasTarget.EvaluateTargetHealth],
      Failover,
      Weight,
      HealthCheckId,
    ]);
  return essence(left) === essence(right);
}
