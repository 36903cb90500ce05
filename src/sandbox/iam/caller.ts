/** Who a principal is to policies: its names, its identity policies, its boundary, its session's policies, and the keys they go by. */

import type { Principal, SandboxCore } from '../contract.ts';
import { awsManaged } from '../services/iam/aws-managed.ts';
import type { EntityRow, PolicyRow } from '../services/iam/rows.ts';
import { iamTables } from '../services/iam/rows.ts';
import type { SessionPrincipal, SessionRow } from '../services/sts/sessions.ts';
import { sessionOf } from '../services/sts/sessions.ts';
import type { NamedPolicy } from './layer.ts';
import type { Policy, PolicyKind } from './policy.ts';
import { parsePolicy } from './policy.ts';
import type { Caller } from './request.ts';
import { contextOf } from './request.ts';

export interface Standing {
  readonly caller: Caller;
  readonly identity: readonly NamedPolicy[];
  readonly boundary: readonly NamedPolicy[] | undefined;
  readonly session: readonly NamedPolicy[] | undefined;
  /** `aws:PrincipalArn`, `aws:username`, `aws:PrincipalTag/…` and the rest of what says who asks. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/**
 * What stands behind a user, a role session or the root user. Policies are parsed once per text, and who calls again finds what was put
 * together for it, as long as every row it was made of is still the one it was made of.
 */
export function standingOf(core: SandboxCore, principal: Principal): Standing {
  const rows = rowsBehind(core, principal);
  const known = remembered(core);
  const key = `${(principal as Partial<SessionPrincipal>).accessKeyId} ${principal.kind} ${principal.arn}`;
  const before = known.get(key);
  if (before !== undefined && isSame(before.rows, rows)) return before.standing;
  const standing = standingFrom(core, principal, rows);
  if (known.size >= mostRemembered) known.clear();
  known.set(key, { rows, standing });
  return standing;
}

/** Rows are never changed in place: the same row says the same. */
interface Rows {
  readonly entity: EntityRow | undefined;
  readonly session: SessionRow | undefined;
  /** Of the managed policies that are attached, and last of the boundary. */
  readonly managed: readonly (PolicyRow | undefined)[];
}

const memories = new WeakMap<SandboxCore, Map<string, { readonly rows: Rows; readonly standing: Standing }>>();
const mostRemembered = 1000;

function remembered(core: SandboxCore) {
  const memory = memories.get(core) ?? new Map<string, { readonly rows: Rows; readonly standing: Standing }>();
  memories.set(core, memory);
  return memory;
}

function rowsBehind(core: SandboxCore, principal: Principal): Rows {
  const { users, roles, policies } = iamTables(core);
  const entity =
    principal.kind === 'user'
      ? users.get(principal.userName)
      : principal.kind === 'role'
        ? roles.get(principal.roleName)
        : undefined;
  const arns = [...(entity?.attached ?? []), ...(entity?.boundary === undefined ? [] : [entity.boundary])];
  return { entity, session: sessionOf(core, principal), managed: arns.map((arn) => policies.get(arn)) };
}

const isSame = (before: Rows, now: Rows): boolean =>
  before.entity === now.entity &&
  before.session === now.session &&
  before.managed.every((row, index) => row === now.managed[index]);

function standingFrom(core: SandboxCore, principal: Principal, { entity, session }: Rows): Standing {
  const caller = callerOf(principal, entity);
  // A session outlives neither its role nor its role's replacement.
  const alive = session === undefined || principal.kind === 'root' || session.holderId === entity?.id;
  return {
    caller,
    identity: entity === undefined || !alive ? [] : identityPolicies(core, entity),
    boundary: entity?.boundary === undefined ? undefined : [managedPolicy(core, entity.boundary)],
    session: sessionPolicies(session),
    keys: contextOf({
      'aws:PrincipalArn': caller.entityArn,
      'aws:PrincipalAccount': caller.account,
      'aws:PrincipalType': { root: 'Account', user: 'User', role: 'AssumedRole', service: 'Service' }[caller.kind],
      'aws:PrincipalIsAWSService': String(caller.kind === 'service'),
      'aws:userid': caller.uniqueIds.at(-1) ?? caller.account,
      ...(principal.kind === 'user' ? { 'aws:username': principal.userName } : {}),
      ...tagKeys({ ...entity?.tags, ...session?.tags }),
      ...(session === undefined
        ? {}
        : {
            'aws:TokenIssueTime': new Date(session.issuedAt).toISOString(),
            'aws:MultiFactorAuthPresent': 'false',
            ...session.keys,
          }),
    }),
  };
}

/** Every key that says who asks, for the coverage document. */
export const callerKeyNames: readonly string[] = [
  'aws:PrincipalArn',
  'aws:PrincipalAccount',
  'aws:PrincipalType',
  'aws:PrincipalIsAWSService',
  'aws:PrincipalTag/*',
  'aws:userid',
  'aws:username',
  'aws:TokenIssueTime',
  'aws:MultiFactorAuthPresent',
];

/** Of credentials that a function or an instance was given, for the coverage document. */
export const deliveredKeyNames: readonly string[] = [
  'lambda:SourceFunctionArn',
  'ec2:SourceInstanceARN',
  'ec2:RoleDelivery',
  'aws:Ec2InstanceSourceVpc',
  'aws:Ec2InstanceSourcePrivateIPv4',
];

/** Parses and remembers: a text is compiled once, however often it is asked. */
export function compiled(document: string, kind: PolicyKind): Policy {
  const known = cache[kind].get(document);
  if (known !== undefined) return known;
  const policy = parsePolicy(document, kind);
  if (cache[kind].size >= 5000) cache[kind].clear();
  cache[kind].set(document, policy);
  return policy;
}

const cache: Record<PolicyKind, Map<string, Policy>> = { identity: new Map(), resource: new Map(), trust: new Map() };

function callerOf(principal: Principal, entity: EntityRow | undefined): Caller {
  const { account, arn } = principal;
  const bounded = entity?.boundary !== undefined;
  if (principal.kind === 'internal') {
    return { kind: 'service', account, arn: principal.service, entityArn: principal.service, uniqueIds: [], bounded };
  }
  const base = { account, arn, bounded, uniqueIds: [] };
  if (principal.kind === 'root') return { ...base, kind: 'root', entityArn: arn };
  if (principal.kind === 'user') {
    return { ...base, kind: 'user', entityArn: entity?.arn ?? arn, uniqueIds: entity === undefined ? [] : [entity.id] };
  }
  return {
    ...base,
    kind: 'role',
    entityArn: entity?.arn ?? `arn:aws:iam::${account}:role/${principal.roleName}`,
    uniqueIds: entity === undefined ? [] : [entity.id, `${entity.id}:${principal.sessionName}`],
  };
}

/** The policies that say what a user or role may: inline ones first. */
export function identityPolicies(core: SandboxCore, entity: EntityRow): NamedPolicy[] {
  const inline = Object.entries(entity.inline).map(([name, document]) => ({
    name: `inline policy ${name}`,
    policy: compiled(document, 'identity'),
  }));
  return [...inline, ...entity.attached.map((arn) => managedPolicy(core, arn))];
}

function managedPolicy(core: SandboxCore, arn: string): NamedPolicy {
  const name = `managed policy ${arn.split('/').at(-1)}`;
  const row = iamTables(core).policies.get(arn);
  const document = awsManaged(arn)?.document ?? row?.versions.find(({ id }) => id === row.defaultVersion)?.document;
  return { name, policy: document === undefined ? { statements: [] } : compiled(document, 'identity') };
}

function sessionPolicies(session: SessionRow | undefined): NamedPolicy[] | undefined {
  const policies = Object.entries(session?.policies ?? {});
  if (policies.length === 0) return undefined;
  return policies.map(([name, document]) => ({ name, policy: compiled(document, 'identity') }));
}

const tagKeys = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]));
