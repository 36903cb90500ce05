/** CloudFormation's execution role, held to the policy that `pilot-light permissions execution` prints: the example deploys. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreatePolicyCommand,
  PutRolePermissionsBoundaryCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { expect, test } from 'vitest';
import { readAssembly } from '../../../src/cli/deploy/assembly.ts';
import { bootstrapIfNeeded, bootstrapNeeds } from '../../../src/cli/deploy/bootstrap.ts';
import { accountOf, deployAssembly } from '../../../src/cli/deploy/deploy-assembly.ts';
import { loadWorkload } from '../../../src/cli/load-workload.ts';
import { sandboxTarget } from '../../../src/cli/sandbox-target.ts';
import { synthesize } from '../../../src/cli/synthesize.ts';
import { wallClock } from '../../../src/kernel/clock.ts';
import { boundaryArn } from '../../../src/plan/boundary.ts';
import { executionPolicy } from '../../../src/plan/deployer.ts';

test('deploys with it, and makes no role beyond the boundary', { timeout: 600_000 }, async () => {
  const { workload, baseDirectory } = await loadWorkload(undefined);
  const assemblyDirectory = await synthesize(
    baseDirectory,
    join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out'),
  );
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
    const role = `arn:aws:iam::${workload.account}:role/dev-dr-another`;
    expect(await may('iam:CreateRole', role, boundaryArn(workload))).toBe(true);
    expect(await may('iam:CreateRole', role)).toBe(false);
    expect(await may('iam:CreateRole', role, 'arn:aws:iam::aws:policy/AdministratorAccess')).toBe(false);
    expect(await may('iam:DeleteRolePermissionsBoundary', role)).toBe(false);
    expect(await may('iam:CreatePolicyVersion', boundaryArn(workload))).toBe(false);
    expect(await may('iam:CreateRole', `arn:aws:iam::${workload.account}:role/admin`, boundaryArn(workload))).toBe(
      false,
    );
  } finally {
    await target.stop();
  }
});
