// `deploy`, `diff` and `destroy` as a user runs them: through an AWS profile that leads to a sandbox, and with --sandbox.

import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, ContinueUpdateRollbackCommand } from '@aws-sdk/client-cloudformation';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DeployReport } from '../../../src/cli/deploy-command.ts';
import type { DestroyReport } from '../../../src/cli/destroy-command.ts';
import type { DiffReport } from '../../../src/cli/diff-command.ts';
import { CommandLine, processesOf } from '../command-line.ts';

const config = join(import.meta.dirname, 'small', 'pilot-light.config.json');
const commands = new CommandLine();
const kept = { ...process.env };
let environment: Record<string, string>;

const profile = (name: string, key = environment.AWS_ACCESS_KEY_ID, secret = environment.AWS_SECRET_ACCESS_KEY) => [
  `[profile ${name}]`,
  `aws_access_key_id = ${key}`,
  `aws_secret_access_key = ${secret}`,
  'region = us-west-2',
  `endpoint_url = ${environment.AWS_ENDPOINT_URL}`,
  '',
];

beforeAll(async () => {
  const up = await commands.run('sandbox', 'up', '--detach', '--json', '--speed', 'max');
  expect({ code: up.code, stderr: up.code === 0 ? '' : up.stderr }).toEqual({ code: 0, stderr: '' });
  ({ environment } = JSON.parse(up.stdout) as { environment: Record<string, string> });
  const file = join(commands.temporary, 'aws-config');
  writeFileSync(file, [...profile('here'), ...profile('stranger', 'AKIASTRANGER', 'unknown'), ''].join('\n'));
  process.env.AWS_CONFIG_FILE = file;
  process.env.AWS_SHARED_CREDENTIALS_FILE = join(commands.temporary, 'none');
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
    delete process.env[name];
}, 240_000);

afterAll(async () => {
  await commands.run('sandbox', 'down');
  await vi.waitFor(() => expect(processesOf(commands)).toEqual([]), { timeout: 10_000 });
  commands[Symbol.dispose]();
  process.env = kept;
}, 60_000);

async function run<T>(change: string, ...args: string[]): Promise<{ code: number | null; stderr: string; report: T }> {
  process.env.SMALL = change;
  const { code, stderr, stdout } = await commands.run(...args, '--config', config, '--json');
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  return { code, stderr, report: (last === '' ? undefined : JSON.parse(last)) as T };
}

const deploy = (change: string, ...args: string[]) => run<DeployReport>(change, 'deploy', ...args);

/** Ctrl-C once stderr has told something, at a speed at which there is somebody to interrupt. */
async function interrupted(told: RegExp, ...args: string[]): Promise<{ code: number | null; stderr: string }> {
  process.env.SMALL = '';
  const command = commands.start([...args, '--config', config, '--sandbox', '--speed', '1', '--yes']);
  await command.told(told);
  command.kill('SIGINT');
  return command.ended;
}

test('refused before anything starts, with all that is missing: credentials, bootstrap, somebody to ask', async () => {
  const stranger = await deploy('', '--profile', 'stranger', '--yes');
  expect(stranger.code).toBe(2);
  expect(stranger.stderr).toMatch(/Nothing was changed: .*\n {2}- AWS doesn't accept the credentials/);
  const bare = await deploy('', '--profile', 'here', '--yes');
  expect(bare.code).toBe(2);
  expect(bare.report.problems?.map(({ region }) => region).sort()).toEqual(['us-east-1', 'us-west-2']);
  expect(bare.stderr).toMatch(/us-west-2: It isn't bootstrapped[\s\S]*Add --bootstrap/);
  const nobody = await deploy('', '--profile', 'here', '--bootstrap');
  expect(nobody.code).toBe(2);
  expect(nobody.stderr).toMatch(/no terminal to ask at.*--yes/);
}, 240_000);

test('deployed with the roles of the bootstrap, a line per stack; again nothing changes; what a change would do is shown', async () => {
  const first = await deploy('', '--profile', 'here', '--yes', '--bootstrap');
  expect({ code: first.code, stderr: first.code === 0 ? '' : first.stderr }).toEqual({ code: 0, stderr: '' });
  expect(first.report.stacks.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
  expect(first.stderr).toMatch(/us-east-1 dev-small-service-primary: created in/);
  expect(first.stderr).not.toMatch(/CREATE_IN_PROGRESS/);
  expect(first.stderr).toMatch(/IAM \(us-east-1's control plane\)\n {4}us-west-2 dev-small-identity-recovery: Role/);

  expect((await deploy('', '--profile', 'here', '--yes')).report.outcome).toBe('unchanged');
  expect(await run<DiffReport>('', 'diff', '--profile', 'here', '--fail')).toMatchObject({
    code: 0,
    report: { differs: false },
  });
  const diff = await run<DiffReport>('timeout', 'diff', '--sandbox', '--fail');
  expect(diff).toMatchObject({ code: 1, report: { differs: true, touches: [], security: [] } });
  expect(diff.report.stacks).toMatchObject([
    {
      stackName: 'dev-small-service-primary',
      action: 'update',
      resources: [
        {
          logicalId: 'Queue',
          action: 'change',
          properties: [{ path: 'VisibilityTimeout', before: 30, after: 60, replaces: 'never' }],
        },
      ],
    },
  ]);
}, 240_000);

test('who may not deploy, nor assume the deploy role, is told what is missing', async () => {
  const { AWS_ACCESS_KEY_ID = '', AWS_ENDPOINT_URL = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const iam = new IAMClient({ endpoint: AWS_ENDPOINT_URL, region: 'us-east-1', credentials });
  await iam.send(new CreateUserCommand({ UserName: 'limited' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'limited' }));
  iam.destroy();
  appendFileSync(
    process.env.AWS_CONFIG_FILE ?? '',
    profile('limited', AccessKey?.AccessKeyId, AccessKey?.SecretAccessKey).join('\n'),
  );
  const { code, report, stderr } = await deploy('', '--profile', 'limited', '--yes');
  expect({ code, outcome: report.outcome }).toEqual({ code: 2, outcome: 'refused' });
  expect(stderr).toMatch(/cloudformation:|SimulatePrincipalPolicy/);
}, 120_000);

test('what holds data is not replaced', async () => {
  const { code, report, stderr } = await deploy('renamed', '--sandbox', '--yes');
  expect({ code, outcome: report.outcome }).toEqual({ code: 2, outcome: 'refused' });
  expect(stderr).toMatch(
    /dev-small-control-recovery\/State \(AWS::DynamoDB::Table\) would be replaced.*because of TableName/,
  );
}, 120_000);

test('with one Region dark the other is deployed alone, and what needs a global control plane is refused beforehand', async () => {
  expect((await commands.run('sandbox', 'dark', 'us-west-2')).code).toBe(0);
  const both = await deploy('timeout', '--profile', 'here', '--yes');
  expect(both.code).toBe(2);
  expect(both.stderr).toMatch(/us-west-2: The Region doesn't answer[\s\S]*--only primary/);
  const one = await deploy('timeout', '--profile', 'here', '--yes', '--only', 'primary');
  expect({ code: one.code, stacks: one.report.stacks }).toEqual({
    code: 0,
    stacks: [{ stackName: 'dev-small-service-primary', region: 'us-east-1', outcome: 'updated' }],
  });
  // What fails goes back, in the dark as well.
  const back = await deploy('broken', '--profile', 'here', '--yes', '--only', 'primary');
  expect({ code: back.code, failure: back.report.failure }).toMatchObject({
    code: 1,
    failure: { stackName: 'dev-small-service-primary', status: 'UPDATE_ROLLBACK_COMPLETE' },
  });
  expect(await deploy('timeout', '--profile', 'here', '--yes', '--only', 'primary')).toMatchObject({
    code: 0,
    report: { outcome: 'unchanged' },
  });
  expect((await commands.run('sandbox', 'back', 'us-west-2')).code).toBe(0);

  expect((await commands.run('sandbox', 'dark', 'us-east-1')).code).toBe(0);
  const recovery = await deploy('beside', '--sandbox', '--yes', '--only', 'recovery');
  expect({ code: recovery.code, touches: recovery.report.touches }).toEqual({ code: 0, touches: [] });
  expect(recovery.report.stacks).toContainEqual({
    stackName: 'dev-small-control-recovery',
    region: 'us-west-2',
    outcome: 'updated',
  });
  const recoveryBack = await deploy('beside-broken', '--sandbox', '--yes', '--only', 'recovery');
  expect(recoveryBack).toMatchObject({ code: 1, report: { failure: { status: 'UPDATE_ROLLBACK_COMPLETE' } } });
  const role = await deploy('role', '--sandbox', '--yes', '--only', 'recovery');
  expect(role.code).toBe(2);
  expect(role.stderr).toMatch(
    /dev-small-identity-recovery would change Role, which needs IAM; us-east-1 doesn't answer/,
  );
  expect((await commands.run('sandbox', 'back', 'us-east-1')).code).toBe(0);
}, 400_000);

test('with the control planes of us-east-1 down, what needs none is deployed and rolled back, and what needs one is named beforehand', async () => {
  expect((await commands.run('sandbox', 'fault', 'raise', 'global-control-plane-down')).code).toBe(0);
  const both = await deploy('timeout', '--sandbox', '--yes');
  expect({ code: both.code, touches: both.report.touches, stderr: both.code === 0 ? '' : both.stderr }).toEqual({
    code: 0,
    touches: [],
    stderr: '',
  });
  const back = await deploy('broken', '--sandbox', '--yes');
  expect(back).toMatchObject({ code: 1, report: { failure: { status: 'UPDATE_ROLLBACK_COMPLETE' } } });
  const role = await deploy('role', '--sandbox', '--yes');
  expect(role.code).toBe(1);
  expect(role.stderr).toMatch(/IAM \(us-east-1's control plane\)\n {4}us-west-2 dev-small-identity-recovery: Role/);
  expect(role.stderr).toMatch(/dev-small-identity-recovery in us-west-2 failed and is in/);
  // Going back needs IAM as well.
  expect(role.report.failure).toMatchObject({ status: 'UPDATE_ROLLBACK_FAILED' });
  const fault = await commands.run('sandbox', 'fault', 'lift', 'all');
  expect({ code: fault.code, stderr: fault.code === 0 ? '' : fault.stderr }).toEqual({ code: 0, stderr: '' });
  const stuck = await deploy('', '--sandbox', '--yes');
  expect(stuck.code).toBe(2);
  expect(stuck.stderr).toMatch(/is in UPDATE_ROLLBACK_FAILED\.\n.*aws cloudformation continue-update-rollback/);
  const { AWS_ACCESS_KEY_ID = '', AWS_ENDPOINT_URL = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = new CloudFormationClient({ endpoint: AWS_ENDPOINT_URL, region: 'us-west-2', credentials });
  await client.send(new ContinueUpdateRollbackCommand({ StackName: 'dev-small-identity-recovery' }));
  client.destroy();
  expect((await deploy('', '--sandbox', '--yes')).code).toBe(0);
}, 400_000);

test('a failed stack: what failed first, in which state it is, what to do; mended, it is deployed', async () => {
  expect((await deploy('', '--sandbox', '--yes')).code).toBe(0);
  const { code, report, stderr } = await deploy('broken', '--sandbox', '--yes');
  expect(code).toBe(1);
  expect(report).toMatchObject({
    outcome: 'failed',
    failure: {
      stackName: 'dev-small-service-primary',
      status: 'UPDATE_ROLLBACK_COMPLETE',
      resource: { logicalId: 'Clash' },
    },
  });
  expect(stderr).toMatch(/The stack is as it was before\. Correct the cause and run `pilot-light deploy` again\./);
  expect((await deploy('timeout', '--sandbox', '--yes')).report.outcome).toBe('deployed');
}, 240_000);

test('destroy leaves the data with its stack, and a deployment takes it up again; deleting data wants the name', async () => {
  const unconfirmed = await run<DestroyReport>('', 'destroy', '--sandbox', '--delete-data', '--yes');
  expect(unconfirmed.code).toBe(2);
  expect(unconfirmed.stderr).toMatch(/--confirm dev-small/);
  const wrong = await run<DestroyReport>('', 'destroy', '--sandbox', '--delete-data', '--confirm', 'dev-photos');
  expect(wrong).toMatchObject({ code: 2 });

  const gone = await run<DestroyReport>('', 'destroy', '--sandbox', '--yes');
  expect({ code: gone.code, stderr: gone.code === 0 ? '' : gone.stderr }).toEqual({ code: 0, stderr: '' });
  expect(gone.report.stacks.map(({ fate, stackName }) => [stackName, fate])).toEqual([
    ['dev-small-identity-recovery', 'deleted'],
    ['dev-small-control-recovery', 'reduced'],
    ['dev-small-service-primary', 'deleted'],
  ]);
  expect(gone.report.stays).toMatchObject([{ kind: 'state table', id: 'dev-dr-state', region: 'us-west-2' }]);
  expect((await run<DestroyReport>('', 'destroy', '--profile', 'here', '--yes')).report.outcome).toBe('nothing');

  const cut = await interrupted(/dev-small-identity-recovery: deploying/, 'deploy');
  expect(cut.code).toBe(130);
  expect(cut.stderr).toMatch(/stacks at work go on at AWS, and no further one is started\. `pilot-light deploy` waits/);
  const again = await deploy('', '--sandbox', '--yes');
  expect({ code: again.code, stderr: again.code === 0 ? '' : again.stderr }).toEqual({ code: 0, stderr: '' });
  expect(again.report.stacks.map(({ stackName, outcome }) => [stackName, outcome])).toContainEqual([
    'dev-small-service-primary',
    'created',
  ]);
  const down = await interrupted(/dev-small-service-primary: removing/, 'destroy');
  expect(down.code).toBe(130);
  expect(down.stderr).toMatch(/`pilot-light destroy` waits for them and continues/);
  const all = await run<DestroyReport>('', 'destroy', '--sandbox', '--delete-data', '--confirm', 'dev-small');
  expect({ code: all.code, stderr: all.code === 0 ? '' : all.stderr }).toEqual({ code: 0, stderr: '' });
  expect(all.report.stays).toEqual([]);
}, 400_000);
