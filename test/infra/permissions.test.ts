/** Roles as they are deployed. `docs/permissions.md` is written anew with WRITE_PERMISSIONS=1. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { beforeAll, expect, test } from 'vitest';
import config from '../../examples/photos/pilot-light.config.ts';
import { functionNames, functionSpecs } from '../../src/functions/contract.ts';
import { Roles } from '../../src/infra/parts/roles.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import type { RoleOfStack, Statement } from './permissions-document.ts';
import { permissionsDocument } from './permissions-document.ts';

const file = join(import.meta.dirname, '../../docs/permissions.md');
let roles: RoleOfStack[] = [];

interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly RoleName?: string;
    readonly AssumeRolePolicyDocument?: {
      readonly Statement: readonly { readonly Principal: { readonly Service: string } }[];
    };
    readonly Roles?: readonly { readonly Ref: string }[];
    readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
  };
}

beforeAll(() => {
  const app = new App({ outdir: join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out') });
  const workload = parseWorkload({
    ...config,
    witness: { region: 'us-east-2' },
    notifications: { webhooks: ['chat'] },
    steps: { warm: { function: 'thumbnail', after: 'PromoteReplica' } },
  });
  new Roles(app, 'Roles', {
    workload,
    stack: new Stack(app, 'Identity', { env: { region: workload.recovery.region } }),
  });
  const template = app.synth().stacks[0]?.template as { Resources?: Record<string, Resource> } | undefined;
  const resources = Object.entries(template?.Resources ?? {});
  roles = resources.flatMap(([id, { Type, Properties }]) => {
    if (Type !== 'AWS::IAM::Role') return [];
    const name = Properties.RoleName ?? '';
    return [
      {
        name,
        service: Properties.AssumeRolePolicyDocument?.Statement[0]?.Principal.Service ?? '',
        purpose: purposeOf(name),
        statements: resources.flatMap(([, policy]) =>
          policy.Properties.Roles?.some(({ Ref }) => Ref === id) === true
            ? (policy.Properties.PolicyDocument?.Statement ?? [])
            : [],
        ),
      },
    ];
  });
}, 60_000);

test('docs/permissions.md says what the roles are (npm run permissions:document writes it)', () => {
  const document = permissionsDocument(roles);
  if (process.env.WRITE_PERMISSIONS === '1') writeFileSync(file, document);
  expect(readFileSync(file, 'utf8')).toBe(document);
});

test('each control function has a role of its own on each side it stands on', () => {
  for (const name of functionNames) {
    for (const side of functionSpecs[name].sides)
      expect(roles.map((role) => role.name)).toContain(`dev-dr-${name}-${side}`);
  }
});

test('no action is a wildcard, and everything but wildcards with a reason is on the workload’s own resources', () => {
  for (const { name, statements } of roles) {
    expect(statements.length, name).toBeGreaterThan(0);
    for (const { Action, Resource } of statements) {
      expect(
        Action.filter((action) => action.includes('*')),
        name,
      ).toEqual([]);
      for (const arn of Resource) expect(arn === '*' || arn.split(':').length >= 6, `${name}: ${arn}`).toBe(true);
    }
  }
});

test('event sources of other workloads, and their metrics and ingress, are out of reach', () => {
  const conditionOn = (action: string) =>
    roles.flatMap(({ statements }) =>
      statements.filter(({ Action }) => Action.includes(action)).map(({ Condition }) => Condition),
    );
  for (const action of [
    'lambda:UpdateEventSourceMapping',
    'cloudwatch:PutMetricData',
    'ec2:RevokeSecurityGroupIngress',
  ]) {
    const conditions = conditionOn(action);
    expect(conditions.length, action).toBeGreaterThan(0);
    expect(conditions, action).not.toContain(undefined);
  }
});

function purposeOf(role: string): string | undefined {
  const name = functionNames.find((one) => functionSpecs[one].sides.some((side) => role === `dev-dr-${one}-${side}`));
  return name && functionSpecs[name].purpose;
}
