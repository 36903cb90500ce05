/**
 * The permissions boundary: what no role of a workload may exceed, whatever its own policy comes to say. It is what all of its roles
 * together need, on the workload's names, in any Region; nothing on IAM but handing S3 the replication role, and no deletion of a database.
 *
 *  1. Its size doesn't grow with the workload: buckets, queues, rules and functions stand in it by the names they begin with.
 *  2. It allows nothing that no role is granted: it is worked out from the roles.
 */

import type { Workload } from '../workload/config.ts';
import { namesOf } from '../workload/names.ts';
import type { Condition } from './resources.ts';
import type { RoleGrant, Statement } from './role.ts';
import { rolesOf, statementsOf } from './roles.ts';

/** Characters without white space. Source: IAM User Guide, "IAM and AWS STS quotas", managed policy. */
export const managedPolicySize = 6144;

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** `dev-dr-boundary`: the environment's, beside its machines. */
export const boundaryName = (workload: Workload): string => namesOf(workload).controlFunction('boundary');

export const boundaryArn = (workload: Workload): string =>
  `arn:aws:iam::${workload.account}:policy/${boundaryName(workload)}`;

export function boundaryOf(workload: Workload): PolicyDocument {
  const wide = rolesOf(workload).flatMap(({ grants }) => grants.map((grant) => widened(workload, grant)));
  return { Version: '2012-10-17', Statement: gathered(wide) };
}

/** As IAM counts it. */
export const policySize = (document: PolicyDocument): number => JSON.stringify(document).replaceAll(/\s/g, '').length;

/** The same on every Region, and on every name that begins as the workload's do. */
function widened(workload: Workload, grant: RoleGrant): RoleGrant {
  const resources = [...new Set(grant.resources.map((arn) => widenedArn(workload, arn)))].sort();
  // Whose items, one role's own policy says: others use the table as it is.
  const { action, condition } = grant;
  if (condition === undefined || action.startsWith('dynamodb:')) return { ...grant, resources, condition: undefined };
  return { ...grant, resources, condition: widenedCondition(workload, condition) };
}

/** ARNs in a condition as those of resources. */
function widenedCondition(workload: Workload, condition: Condition): Condition {
  const widest = (value: string | readonly string[]) => {
    const all = [value].flat().map((one) => (one.startsWith('arn:') ? widenedArn(workload, one) : one));
    const [first = '', ...others] = [...new Set(all)];
    return others.length === 0 ? first : [first, ...others];
  };
  const within = (tests: Condition[string]) =>
    Object.fromEntries(Object.entries(tests).map(([key, value]) => [key, widest(value)]));
  return Object.fromEntries(Object.entries(condition).map(([operator, tests]) => [operator, within(tests)]));
}

function widenedArn(workload: Workload, arn: string): string {
  if (arn === '*' || arn.startsWith('arn:aws:iam:')) return arn;
  const { prefix, table } = namesOf(workload);
  const control = table.replace(/-state$/, '');
  const [, , service = '', , account = '', kind = '', ...rest] = arn.split(':');
  const widest = nameOf(arn, [prefix, control]);
  switch (service) {
    case 's3':
      return `arn:aws:s3:::${prefix}-*`;
    case 'sqs':
      return `arn:aws:sqs:*:${account}:${prefix}-*`;
    case 'ssm':
      return `arn:aws:ssm:*:${account}:${kind.replace(/(\/pilot-light\/.+\/)[^/]*$/, '$1*')}`;
    case 'secretsmanager':
      return `arn:aws:secretsmanager:*:${account}:${kind}:${rest.join(':').replace(/\/[^/]*$/, '/*')}`;
    case 'events':
      return `arn:aws:events:*:${account}:rule/${widest}`;
    case 'logs':
      return `arn:aws:logs:*:${account}:log-group:/aws/lambda/${widest}`;
    case 'lambda':
    case 'states':
      return `arn:aws:${service}:*:${account}:${kind}:${widest}`;
    case 'rds':
      return `arn:aws:rds:*:${account}:${kind}:${rest.join(':').replace(/^(.+?)-kept-e\*$/, '$1*')}`;
    default:
      return `arn:aws:${service}:*:${account}:${[kind, ...rest].join(':')}`;
  }
}

/** `dev-dr-*` for what is named by it, else `*`. */
const nameOf = (arn: string, beginnings: readonly string[]): string => {
  const beginning = beginnings.find((one) => new RegExp(`[:/]${one}(-|\\*)`).test(arn));
  return beginning === undefined ? '*' : `${beginning}-*`;
};

/** One statement for each service, so that ten more buckets or a new step cost a line and not a statement; what is on any name stays apart. */
function gathered(grants: readonly RoleGrant[]): Statement[] {
  const groups = new Map<string, RoleGrant[]>();
  for (const grant of grants) {
    const service = grant.action.split(':')[0];
    const key = JSON.stringify(isNamed(grant) ? [service, grant.condition] : [grant.resources, grant.condition]);
    groups.set(key, [...(groups.get(key) ?? []), grant]);
  }
  return [...groups.values()].flatMap((group) => {
    const all = [...new Set(group.flatMap((grant) => grant.resources))].sort();
    const resources = all.filter((arn) => !all.some((other) => isWithin(arn, other)));
    return statementsOf(group.map((grant) => ({ ...grant, resources })));
  });
}

const isWithin = (arn: string, other: string): boolean =>
  other !== arn && other.endsWith('*') && arn.startsWith(other.slice(0, -1));

const isNamed = ({ resources }: RoleGrant): boolean => !resources.some((arn) => /(^|:db:|:\*\/)\*$/.test(arn));
