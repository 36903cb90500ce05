// The example, deployed into a sandbox that runs as its own process, used as somebody with another terminal would.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import type { Quote } from '../../src/ledger/quote.ts';
import type { RoleReport, Status } from '../../src/sandbox/control/protocol.ts';
import { CommandLine, processesOf } from './command-line.ts';

const example = fileURLToPath(new URL('../../examples/photos', import.meta.url));
const cdk = join(dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')), 'bin', 'cdk');

test('the stock CDK changes nothing in it; a failover starts with a name and no input; what happened can be looked into; `down` leaves nothing', {
  timeout: 600_000,
}, async () => {
  using commands = new CommandLine();
  const up = await commands.run('sandbox', 'up', '--deploy', '--detach', '--speed', '60');
  expect({ code: up.code, says: up.code === 0 ? '' : up.stderr }).toEqual({ code: 0, says: '' });
  const environment = exported(up.stdout);
  try {
    expect(await deployWithCdk(environment)).toEqual({ unchanged: 13, others: [] });
    await quoteBefore(commands);
    // Minutes that are deadlines of steps and rounds of a watcher must stay seconds of a busy machine.
    expect(await commands.run('sandbox', 'clock', 'speed', '20')).toMatchObject({ code: 0 });
    await failOver(environment);
    await lookInto(commands);
    const after = await commands.run('quote', '--sandbox');
    expect(after).toMatchObject({ code: 2, stderr: expect.stringMatching(/nothing to quote: the recovery Region/) });
  } finally {
    expect(await commands.run('sandbox', 'down')).toMatchObject({ code: 0, stdout: 'Ended 1 running.\n' });
  }
  await expect.poll(() => processesOf(commands), { timeout: 10_000 }).toEqual([]);
  expect(commands.leftovers()).toEqual([]);
});

/** Upkeep has sampled a rate and compared the parameters by the time it has all been up for a few minutes of AWS time. */
async function quoteBefore(commands: CommandLine): Promise<void> {
  const quoted = async () => JSON.parse((await commands.run('quote', '--sandbox', '--json')).stdout) as Quote;
  await expect.poll(quoted, { timeout: 120_000, interval: 2000 }).toMatchObject({
    database: {
      dialect: 'mariadb',
      replica: 'receiving and applying',
      seconds: { value: expect.any(Number) },
      transactions: { value: expect.any(Number) },
    },
    buckets: [{ bucket: 'photos', operations: { value: expect.any(Number) } }],
    parameters: { seconds: { value: expect.any(Number) } },
  });
}

async function lookInto(commands: CommandLine): Promise<void> {
  const asked = async <T>(...args: string[]) =>
    JSON.parse((await commands.run('sandbox', ...args, '--json')).stdout) as T;
  const status = await asked<Status>('status');
  expect(status).toMatchObject({ purpose: 'sandbox up --deploy', stage: 'up', clock: { ceiling: 20 } });
  const [primary, recovery] = status.regions;
  expect(primary?.stacks.every(({ state }) => state === 'CREATE_COMPLETE')).toBe(true);
  expect(recovery?.databases).toMatchObject([{ name: 'dev-photos-db', role: 'primary' }]);
  expect(recovery?.functions).toContainEqual({ name: 'dev-dr-watch', state: 'Active' });

  const log = async (...args: string[]) => (await commands.run('sandbox', 'logs', ...args)).stdout;
  expect(await log('function', 'dev-dr-watch', '--lines', '500')).toMatch(/REPORT RequestId/);
  expect(await log('execution', 'dev-dr-failover:x', '--lines', '5')).toMatch(/ExecutionSucceeded/);
  expect(await log('database', 'dev-photos-db', '--region', 'us-west-2', '--lines', '2000')).toMatch(
    /ready for connections/,
  );
  expect(await log('instance')).toMatch(/^instance +us-west-2 +i-/m);

  const roles = await asked<RoleReport[]>('iam');
  expect(roles.flatMap(({ role, denied }) => denied.map((use) => ({ role, ...use })))).toEqual([]);
  const database = roles.find(({ role }) => role === 'dev-dr-database-recovery');
  expect(database?.used.map(({ action }) => action)).toContain('rds:PromoteReadReplica');
  // The way home promotes too, by a statement of its own, and nobody has gone home.
  const idle = database?.unused.filter(({ action }) => action === 'rds:PromoteReadReplica') ?? [];
  expect(idle.flatMap(({ resources }) => resources).filter((resource) => !resource.includes(':us-east-1:'))).toEqual(
    [],
  );
}

const exported = (output: string): Record<string, string> =>
  Object.fromEntries([...output.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));

async function failOver(environment: Record<string, string>): Promise<void> {
  const client = new SFNClient({
    endpoint: environment.AWS_ENDPOINT_URL ?? '',
    region: 'us-west-2',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const stateMachineArn = 'arn:aws:states:us-west-2:111122223333:stateMachine:dev-dr-failover';
  await client.send(new StartExecutionCommand({ stateMachineArn, name: 'x' }));
  const status = async () => {
    const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    return executions.map((execution) => `${execution.name} ${execution.status}`);
  };
  await expect.poll(status, { timeout: 400_000, interval: 1000 }).not.toContain('x RUNNING');
  const { cause } = await client.send(
    new DescribeExecutionCommand({ executionArn: `${stateMachineArn.replace(':stateMachine:', ':execution:')}:x` }),
  );
  expect(await status(), cause).toEqual(['x SUCCEEDED']);
  client.destroy();
}

/** `cdk deploy --all` as it comes from the registry: how many stacks it found unchanged, and what it says of the others. */
async function deployWithCdk(environment: Record<string, string>): Promise<{ unchanged: number; others: string[] }> {
  const work = mkdtempSync(join(tmpdir(), 'pl-cdk-'));
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [cdk, 'deploy', '--all', '--require-approval', 'never', '--no-notices', '--output', join(work, 'cdk.out')],
      { cwd: example, env: { ...process.env, ...environment, TMPDIR: work, CI: 'true' }, maxBuffer: 1 << 26 },
    );
    const told = `${stdout}${stderr}`.split('\n').filter((line) => /[✅❌]/u.test(line));
    const unchanged = told.filter((line) => line.endsWith('(no changes)'));
    return { unchanged: unchanged.length, others: told.filter((line) => !unchanged.includes(line)) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
