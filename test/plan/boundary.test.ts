/** The permissions boundary, judged by the sandbox's IAM as AWS's would judge it. */

import { beforeAll, describe, expect, test } from 'vitest';
import config from '../../examples/photos/pilot-light.config.ts';
import { boundaryArn, boundaryName, boundaryOf, managedPolicySize, policySize } from '../../src/plan/boundary.ts';
import type { RoleSpec } from '../../src/plan/role.ts';
import { rolesOf, statementsOf } from '../../src/plan/roles.ts';
import type { WorkloadConfig } from '../../src/workload/config.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { type GuardedSandbox, guardedSandbox, policy, trusting } from '../sandbox/services/iam/iam-sandbox.ts';

const workload = parseWorkload(config);
const boundary = boundaryOf(workload);
const actions = boundary.Statement.flatMap(({ Action }) => Action);

/** With the longest names the config takes, and more of everything than anybody has. */
const largest = parseWorkload({
  ...(config as WorkloadConfig),
  sandbox: {},
  name: 'photographie',
  environment: 'integration1',
  traffic: { ...(config as WorkloadConfig).traffic, latch: 'accelerator' },
  notifications: { webhooks: ['chat', 'pager'] },
  buckets: ['originals', 'thumbnails', 'exports', 'invoices', 'backups', 'reports', 'archives', 'templates'],
  functions: Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [
      `function-${at}`,
      {
        entry: 'functions/thumbnail.ts',
        queue: `queue-${at}`,
        schedule: 'rate(1 day)',
        events: { source: ['my.shop'] },
        objects: { bucket: 'originals' },
      },
    ]),
  ),
});

describe('fits', () => {
  test('into one managed policy, and a role’s own into what IAM takes inline, whatever the workload', () => {
    for (const one of [workload, largest]) {
      expect(policySize(boundaryOf(one))).toBeLessThanOrEqual(managedPolicySize);
      // Source: IAM User Guide, "IAM and AWS STS quotas", role inline policies.
      for (const { name, grants } of rolesOf(one)) {
        expect(policySize({ Version: '2012-10-17', Statement: statementsOf(grants) }), name).toBeLessThanOrEqual(
          10_240,
        );
      }
    }
  });

  test('a workload with ten times as much is no longer', () => {
    const { name, environment, notifications, traffic } = largest;
    const long = { name, environment, notifications, traffic };
    const small = parseWorkload({ ...(config as WorkloadConfig), ...long });
    // What the example has no rules of its own for makes the difference.
    expect(policySize(boundaryOf(largest)) - policySize(boundaryOf(small))).toBeLessThan(200);
  });
});

describe('says', () => {
  test('no action that no role is granted, and none twice over by a wildcard', () => {
    const granted = new Set(rolesOf(workload).flatMap(({ grants }) => grants.map(({ action }) => action)));
    expect(actions.filter((action) => !granted.has(action))).toEqual([]);
  });

  test('keys by the alias alone, as the roles do', () => {
    const ofKeys = boundary.Statement.filter(({ Action }) => Action.some((action) => action.startsWith('kms:')));
    const granted = rolesOf(workload).flatMap(({ grants }) => grants.filter(({ action }) => action.startsWith('kms:')));
    expect(ofKeys).toHaveLength(1);
    expect(ofKeys[0]?.Action).toEqual([...new Set(granted.map(({ action }) => action))].sort());
    for (const { condition } of granted) expect(ofKeys[0]?.Condition).toEqual(condition);
  });

  test('nothing on IAM but handing S3 the replication role, and no deletion of a database', () => {
    expect(actions.filter((action) => action.startsWith('iam:'))).toEqual(['iam:PassRole']);
    expect(actions).toContain('rds:PromoteReadReplica');
    expect(actions.filter((action) => /^rds:(Delete|Stop|Restore)/.test(action))).toEqual([]);
  });
});

describe('in force', () => {
  let sandbox: GuardedSandbox;
  beforeAll(async () => {
    sandbox = guardedSandbox();
    await sandbox.as(undefined, 'iam', 'CreatePolicy', {
      PolicyName: boundaryName(workload),
      PolicyDocument: JSON.stringify(boundary),
    });
    await bounded('wide', policy({ Effect: 'Allow', Action: '*', Resource: '*' }));
    for (const { name, grants } of rolesOf(workload)) await bounded(name, policy(...statementsOf(grants)));
  });

  test.each(rolesOf(workload).map((role) => [role.name, role] as const))(
    '%s keeps all it is granted',
    async (name, role) => {
      expect(await refusedOf(name, role)).toEqual([]);
    },
  );

  test('a role whose own policy allows everything is held by it', async () => {
    const account = workload.account;
    const refused = async (action: string, resource: string) =>
      (await decisions('wide', [action], [resource], [])).filter(({ decision }) => decision !== 'allowed').length === 1;
    for (const [action, resource] of [
      ['iam:CreateRole', `arn:aws:iam::${account}:role/dev-dr-gate-recovery`],
      ['iam:PutRolePolicy', `arn:aws:iam::${account}:role/dev-dr-gate-recovery`],
      ['iam:DeleteRolePermissionsBoundary', `arn:aws:iam::${account}:role/dev-dr-gate-recovery`],
      ['iam:CreatePolicyVersion', boundaryArn(workload)],
      ['iam:PassRole', `arn:aws:iam::${account}:role/dev-dr-database-recovery`],
      ['rds:DeleteDBInstance', `arn:aws:rds:us-west-2:${account}:db:dev-photos-db`],
      ['rds:PromoteReadReplica', `arn:aws:rds:us-west-2:${account}:db:dev-shop-db`],
      ['s3:GetObject', 'arn:aws:s3:::somebody-elses/object'],
      ['s3:DeleteObject', 'arn:aws:s3:::dev-photos-photos-111122223333-us-east-1/object'],
      ['ssm:PutParameter', `arn:aws:ssm:us-west-2:${account}:parameter/pilot-light/dev/shop/role`],
      ['ec2:TerminateInstances', `arn:aws:ec2:us-west-2:${account}:instance/i-1`],
      ['sts:AssumeRole', `arn:aws:iam::${account}:role/admin`],
    ] as const) {
      expect(await refused(action, resource), `${action} on ${resource}`).toBe(true);
    }
    expect(
      await refused('ssm:PutParameter', `arn:aws:ssm:us-west-2:${account}:parameter/pilot-light/dev/photos/role`),
    ).toBe(false);
  });

  async function bounded(RoleName: string, PolicyDocument: string): Promise<void> {
    await sandbox.as(undefined, 'iam', 'CreateRole', {
      RoleName,
      AssumeRolePolicyDocument: trusting({ Service: 'lambda.amazonaws.com' }),
      PermissionsBoundary: boundaryArn(workload),
    });
    await sandbox.as(undefined, 'iam', 'PutRolePolicy', { RoleName, PolicyName: 'own', PolicyDocument });
  }

  /** Grants of a role that its boundary takes away: `action on resource`. Conditions are met by what they ask for. */
  async function refusedOf(name: string, { grants }: RoleSpec): Promise<string[]> {
    const found: string[] = [];
    // KMS asks the key's own policy first, which the simulator isn't told.
    for (const { action, resources, condition } of grants.filter((grant) => !grant.action.startsWith('kms:'))) {
      const context = Object.values(condition ?? {}).flatMap((keys) =>
        Object.entries(keys).map(([key, value]) => ({
          ContextKeyName: key,
          ContextKeyType: Array.isArray(value) ? 'stringList' : 'string',
          ContextKeyValues: [value].flat().slice(0, 1),
        })),
      );
      const asked = resources.map((arn) => arn.replaceAll('??????', 'abcdef').replaceAll('*', 'x'));
      for (const { resource, decision } of await decisions(name, [action], asked, context))
        if (decision !== 'allowed') found.push(`${action} on ${resource}`);
    }
    return found;
  }

  async function decisions(name: string, ActionNames: string[], ResourceArns: string[], ContextEntries: object[]) {
    const { EvaluationResults } = await sandbox.as<{
      EvaluationResults: { EvalDecision: string; EvalResourceName?: string }[];
    }>(undefined, 'iam', 'SimulatePrincipalPolicy', {
      PolicySourceArn: `arn:aws:iam::${workload.account}:role/${name}`,
      ActionNames,
      ResourceArns,
      ContextEntries,
    });
    return EvaluationResults.map(({ EvalDecision, EvalResourceName }) => ({
      decision: EvalDecision,
      resource: EvalResourceName,
    }));
  }
});
