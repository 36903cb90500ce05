// What depends on a Region's role stays as a failover has left it, whenever the failover comes: before a deployment, in the middle of
// one that succeeds or fails, or after it.

import { join } from 'node:path';
import { App, CfnCondition, CfnParameter, CfnResource, Fn, Stack } from 'aws-cdk-lib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployAssembly } from '../../../src/cli/deploy/deploy-assembly.ts';
import type { CloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { createLambdaService } from '../../../src/sandbox/services/lambda/operations.ts';
import type { TestSandbox } from '../../support/test-sandbox.ts';
import { deployingSandbox } from './deploying-sandbox.ts';
import { inProcessClients, whileTimeRuns } from './in-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const role = '/pilot-light/role';

let sandbox: TestSandbox;
let cloudformation: CloudFormationService;

beforeEach(async () => {
  ({ sandbox, cloudformation } = deployingSandbox([(core) => createLambdaService(core)]));
  await sandbox.call('ssm', 'PutParameter', { Name: role, Type: 'String', Value: 'standby' });
  await deploy({});
  expect(await rule()).toBe('DISABLED');
});

afterEach(async () => {
  await cloudformation.close?.();
});

interface Variant {
  readonly description?: string;
  readonly broken?: boolean;
}

/** A rule that is on where the Region is active; a queue that changes first, and one more, which can't be made, last. */
function synthesize({ broken = false, description = 'as it was' }: Variant): string {
  const app = new App({ outdir: join(temporaryDirectory(), 'cdk.out'), analyticsReporting: false });
  const stack = new Stack(app, 'Service', { env: { account: '111122223333', region: 'us-east-1' } });
  const parameter = new CfnParameter(stack, 'Role', { type: 'AWS::SSM::Parameter::Value<String>', default: role });
  const active = new CfnCondition(stack, 'IsActive', { expression: Fn.conditionEquals(parameter, 'active') });
  const upkeep = new CfnResource(stack, 'Rule', {
    type: 'AWS::Events::Rule',
    properties: {
      Name: 'upkeep',
      Description: description,
      ScheduleExpression: 'rate(1 hour)',
      State: Fn.conditionIf(active.logicalId, 'ENABLED', 'DISABLED'),
    },
  });
  if (broken) {
    const clash = new CfnResource(stack, 'Clash', {
      type: 'AWS::SSM::Parameter',
      properties: { Name: '/aws/reserved', Type: 'String', Value: 'no' },
    });
    clash.addResourceDependency(upkeep);
  }
  return app.synth().directory;
}

const deploy = (variant: Variant) =>
  whileTimeRuns(
    sandbox,
    deployAssembly({
      assemblyDirectory: synthesize(variant),
      clients: inProcessClients(sandbox),
      clock: sandbox.clock,
    }),
  );

const rule = async () => (await sandbox.call<{ State: string }>('events', 'DescribeRule', { Name: 'upkeep' })).State;

/** As the product does it: the role first, then the rule, past CloudFormation. */
async function failOver(): Promise<void> {
  await sandbox.call('ssm', 'PutParameter', { Name: role, Type: 'String', Value: 'active', Overwrite: true });
  await sandbox.call('events', 'EnableRule', { Name: 'upkeep' });
}

test('a deployment after a failover that fails goes back to the live role; a tag changes nothing else', async () => {
  await failOver();
  await expect(deploy({ description: 'new', broken: true })).rejects.toThrow(/UPDATE_ROLLBACK_COMPLETE.*Clash/);
  expect(await rule()).toBe('ENABLED');
  await deploy({ description: 'new' });
  expect(await rule()).toBe('ENABLED');
  expect((await deploy({ description: 'new' })).changed).toBe(0);
});

test.each([0, 100, 300, 600, 1000, 1500, 2500, 4000, 8000])(
  'a failover %i ms into a deployment is not undone by it, whether it succeeds or fails',
  async (milliseconds) => {
    for (const broken of [false, true]) {
      await sandbox.call('ssm', 'PutParameter', { Name: role, Type: 'String', Value: 'standby', Overwrite: true });
      await sandbox.call('events', 'DisableRule', { Name: 'upkeep' });
      await deploy({});
      let moved: Promise<void> | undefined;
      sandbox.clock.after(milliseconds, () => {
        moved = failOver();
      });
      await deploy({ description: `new ${milliseconds}`, broken }).catch(() => undefined);
      await sandbox.clock.advance(milliseconds + 1000);
      await moved;
      expect(await rule(), broken ? 'failing' : 'succeeding').toBe('ENABLED');
    }
  },
);
