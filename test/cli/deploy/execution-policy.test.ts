/**
 * CloudFormation's execution role, held to the policy that `pilot-light permissions execution` prints: the example deploys, and a
 * workload that has whatever the config offers beyond it. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreatePolicyCommand,
  PutRolePermissionsBoundaryCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import example from '../../../examples/photos/pilot-light.config.ts';
import { readAssembly } from '../../../src/cli/deploy/assembly.ts';
import { bootstrapIfNeeded, bootstrapNeeds } from '../../../src/cli/deploy/bootstrap.ts';
import { accountOf, deployAssembly } from '../../../src/cli/deploy/deploy-assembly.ts';
import { loadWorkload } from '../../../src/cli/load-workload.ts';
import { sandboxTarget } from '../../../src/cli/sandbox-target.ts';
import { synthesize } from '../../../src/cli/synthesize.ts';
import { PilotLight } from '../../../src/infra/pilot-light.ts';
import { wallClock } from '../../../src/kernel/clock.ts';
import { boundaryArn } from '../../../src/plan/boundary.ts';
import { executionPolicy } from '../../../src/plan/deployer.ts';
import type { Workload, WorkloadConfig } from '../../../src/workload/config.ts';
import { parseWorkload } from '../../../src/workload/parse.ts';

test('the example deploys with it, and no role is made beyond the boundary', { timeout: 600_000 }, async () => {
  const { workload, baseDirectory } = await loadWorkload(undefined);
  const assemblyDirectory = await synthesize(baseDirectory, newFolder());
  await deployed(workload, { baseDirectory, assemblyDirectory }, async ({ may }) => {
    const role = `arn:aws:iam::${workload.account}:role/dev-dr-another`;
    expect(await may('iam:CreateRole', role, boundaryArn(workload))).toBe(true);
    expect(await may('iam:CreateRole', role)).toBe(false);
    expect(await may('iam:CreateRole', role, 'arn:aws:iam::aws:policy/AdministratorAccess')).toBe(false);
    expect(await may('iam:DeleteRolePermissionsBoundary', role)).toBe(false);
    expect(await may('iam:CreatePolicyVersion', boundaryArn(workload))).toBe(false);
    expect(await may('iam:CreateRole', `arn:aws:iam::${workload.account}:role/admin`, boundaryArn(workload))).toBe(
      false,
    );
    expect(await may('globalaccelerator:CreateAccelerator', '*')).toBe(false);
    expect(await may('dynamodb:CreateTable', `arn:aws:dynamodb:us-east-1:${workload.account}:table/dev-dr-state`)).toBe(
      false,
    );
  });
});

test('so does a workload with an accelerator, certificates, a witness, webhooks, and a zone and a VPC that were there', {
  timeout: 600_000,
}, async () => {
  const baseDirectory = join(import.meta.dirname, '../../../examples/photos');
  const config = everything(example);
  const app = new App({ outdir: newFolder() });
  new PilotLight(app, 'Everything', { config, baseDirectory });
  const workload = parseWorkload(config);
  await deployed(workload, { baseDirectory, assemblyDirectory: app.synth().directory }, async ({ may }) => {
    const zone = (id: string) => `arn:aws:route53:::hostedzone/${id}`;
    expect(await may('route53:ChangeResourceRecordSets', zone('Z0123456789ABCDEFGHIJ'))).toBe(true);
    expect(await may('route53:ChangeResourceRecordSets', zone('Z0SOMEBODYELSES'))).toBe(false);
    expect(await may('route53:DeleteHostedZone', zone('Z0123456789ABCDEFGHIJ'))).toBe(false);
    expect(await may('dynamodb:DeleteTable', `arn:aws:dynamodb:us-east-2:${workload.account}:table/another`)).toBe(
      false,
    );
  });
});

/** The example with whatever the config offers beyond it. */
function everything(config: WorkloadConfig): WorkloadConfig {
  const certificate = (region: string) =>
    `arn:aws:acm:${region}:111122223333:certificate/12345678-1234-1234-1234-123456789012`;
  const { cidr: _, ...recovery } = config.recovery;
  return {
    ...config,
    recovery: {
      ...recovery,
      network: {
        vpc: 'vpc-0123456789abcdef0',
        publicSubnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
        privateSubnets: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
        endpoints: true,
      },
    },
    witness: { region: 'us-east-2' },
    compute: Object.fromEntries(
      Object.entries(config.compute).map(([name, group]) => [
        name,
        { ...group, instanceTypes: ['t3.small', 't3.medium'] },
      ]),
    ),
    traffic: {
      ...config.traffic,
      latch: 'accelerator',
      zoneId: 'Z0123456789ABCDEFGHIJ',
      certificates: { primary: certificate('us-east-1'), recovery: certificate('us-west-2') },
    },
    notifications: { email: ['ops@photos.example'], webhooks: ['chat'] },
  };
}

interface Deployed {
  /** Whether the execution role may, by IAM's own simulator. */
  readonly may: (action: string, resource: string, boundary?: string) => Promise<boolean>;
}

/** Deploys with the policy, sees that nothing was denied, and has a look. */
async function deployed(
  workload: Workload,
  { baseDirectory, assemblyDirectory }: { readonly baseDirectory: string; readonly assemblyDirectory: string },
  look: (deployed: Deployed) => Promise<void>,
): Promise<void> {
  const target = await sandboxTarget({ workload, baseDirectory, speed: 'max', signals: false });
  try {
    const clients = (region: string) => target.clients(region);
    const stacks = await readAssembly(assemblyDirectory, accountOf(clients));
    for (const need of bootstrapNeeds(stacks))
      await bootstrapIfNeeded(need.region, need, clients(need.region), { clock: wallClock, onEvent: () => {} });
    const iam = await clients(workload.recovery.region).iam();
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'execution', PolicyDocument: JSON.stringify(executionPolicy(workload)) }),
    );
    // The role has all of an administrator's rights in a sandbox: its boundary leaves those of the policy.
    const roles = ['us-east-1', 'us-west-2'].map((region) => `cdk-hnb659fds-cfn-exec-role-111122223333-${region}`);
    for (const RoleName of roles)
      await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: Policy?.Arn }));

    const { changed } = await deployAssembly({ assemblyDirectory, clients });
    expect(changed).toBe(stacks.length);
    const uses = (await target.roleUses()).filter(({ role }) => roles.includes(role));
    expect(uses.flatMap(({ denied }) => denied)).toEqual([]);

    const may = async (action: string, resource: string, boundary?: string) => {
      const { EvaluationResults } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: `arn:aws:iam::${workload.account}:role/${roles[0]}`,
          ActionNames: [action],
          ResourceArns: [resource],
          ContextEntries:
            boundary === undefined
              ? []
              : [
                  {
                    ContextKeyName: 'iam:PermissionsBoundary',
                    ContextKeyType: 'string',
                    ContextKeyValues: [boundary],
                  },
                ],
        }),
      );
      return EvaluationResults?.[0]?.EvalDecision === 'allowed';
    };
    await look({ may });
  } finally {
    await target.stop();
  }
}

const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out');
