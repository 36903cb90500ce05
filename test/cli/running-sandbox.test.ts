// What a person does with running sandboxes: each command as its own process, as in another terminal.

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import type { UpReport } from '../../src/cli/sandbox-up.ts';
import type { FaultAnswer, Status } from '../../src/sandbox/control/protocol.ts';
import { CommandLine, processesOf } from './command-line.ts';

/** What a command with --json prints, of one that works. */
async function json<T>(commands: CommandLine, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await commands.run(...args, '--json');
  expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

async function refusal(commands: CommandLine, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await commands.run(...args);
  expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
  expect(stderr).not.toMatch(/\n {4}at /);
  return stderr;
}

async function accountBehind(environment: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const client = new STSClient({
    endpoint: environment.AWS_ENDPOINT_URL ?? '',
    region: environment.AWS_REGION ?? '',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Account;
  } finally {
    client.destroy();
  }
}

const gone = async (commands: CommandLine) => {
  await expect.poll(() => processesOf(commands), { timeout: 10_000 }).toEqual([]);
};

test('two in the background: one env file each, told apart by id, ended one by one', { timeout: 300_000 }, async () => {
  using commands = new CommandLine();
  const envFile = join(commands.temporary, 'one.env');
  const started = await commands.run('sandbox', 'up', '--detach', '--env-file', envFile);
  expect(started).toMatchObject({ code: 0, stderr: '' });
  expect(started.stdout).toMatch(/The sandbox is up: us-east-1 and us-west-2, at 1 AWS s per real second\./);

  const sourced = execFileSync('/bin/sh', ['-c', `. '${envFile}'; env`], { env: {}, encoding: 'utf8' });
  const environment = parseEnv(sourced);
  expect(await accountBehind(environment)).toBe('111122223333');
  expect(parseEnv(readFileSync(envFile, 'utf8'))).toMatchObject({ AWS_ENDPOINT_URL: environment.AWS_ENDPOINT_URL });
  expect(statSync(envFile).mode & 0o777).toBe(0o600);

  const one = await json<Status>(commands, 'sandbox', 'status');
  expect(one).toMatchObject({ purpose: 'sandbox up', stage: 'up', endpoint: environment.AWS_ENDPOINT_URL, envFile });
  expect(JSON.stringify(one)).not.toContain(environment.AWS_SECRET_ACCESS_KEY);
  expect(await json(commands, 'sandbox', 'env')).toMatchObject({
    AWS_SECRET_ACCESS_KEY: environment.AWS_SECRET_ACCESS_KEY,
  });

  const state = join(commands.temporary, 'state');
  mkdirSync(state);
  const two = await json<UpReport>(commands, 'sandbox', 'up', '--detach', '--speed', '5', '--state', state);
  expect(await accountBehind(two.environment)).toBe('111122223333');
  const several = await refusal(commands, 'sandbox', 'status');
  expect(several).toMatch(/Several sandboxes are running/);
  expect(several).toContain(`${one.id} (sandbox up, pid ${one.pid})`);
  expect(several).toContain(`${two.id} (sandbox up, pid ${two.pid})`);
  expect(await refusal(commands, 'sandbox', 'clock', '--sandbox', 'nobody')).toMatch(/No such sandbox.*nobody/);
  expect(await json(commands, 'sandbox', 'clock', '--sandbox', two.id.slice(0, 10))).toMatchObject({ ceiling: 5 });

  expect(await refusal(commands, 'sandbox', 'up', '--env-file', envFile)).toMatch(/belongs to another sandbox/);
  symlinkSync(state, join(commands.temporary, 'same'));
  for (const name of ['state', 'same'])
    expect(await refusal(commands, 'sandbox', 'up', '--state', join(commands.temporary, name))).toMatch(
      new RegExp(`held by another sandbox.*process ${two.pid}`),
    );

  expect(await json(commands, 'sandbox', 'down', '--sandbox', one.id)).toEqual({ ended: [one.id], swept: [] });
  expect(existsSync(envFile)).toBe(false);
  expect(processesOf(commands).filter((line) => line.startsWith(`${one.pid} `))).toEqual([]);
  expect(await accountBehind(two.environment)).toBe('111122223333');

  expect(await json<Status>(commands, 'sandbox', 'status', '--state', state)).toMatchObject({ id: two.id });
  const parameters = (environment: UpReport['environment']) =>
    new SSMClient({
      endpoint: environment.AWS_ENDPOINT_URL ?? '',
      region: 'us-west-2',
      credentials: {
        accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
      },
    });
  await parameters(two.environment).send(new PutParameterCommand({ Name: '/kept', Value: 'yes', Type: 'String' }));
  process.kill(two.pid, 'SIGKILL');
  await expect.poll(() => processesOf(commands).filter((line) => line.startsWith(`${two.pid} `))).toEqual([]);
  expect(await refusal(commands, 'sandbox', 'status')).toMatch(/No sandbox is running.*sandbox up/);
  expect(await refusal(commands, 'sandbox', 'logs', '--state', state)).toMatch(/sandbox up --state .* goes on with it/);
  await gone(commands);
  const again = await json<UpReport>(commands, 'sandbox', 'up', '--detach', '--state', state);
  expect(await json<Status>(commands, 'sandbox', 'status')).toMatchObject({ id: again.id, state });
  const { Parameter } = await parameters(again.environment).send(new GetParameterCommand({ Name: '/kept' }));
  expect(Parameter?.Value).toBe('yes');
  await commands.run('sandbox', 'down');
  await gone(commands);
  expect(commands.leftovers().sort()).toEqual(['same', 'state']);
});

test('faults, darkness, time and logs of a running sandbox', { timeout: 300_000 }, async () => {
  using commands = new CommandLine();
  const up = commands.start(['sandbox', 'up', '--json']);
  await up.until(/^\{.*\}$/m);

  expect(await json(commands, 'sandbox', 'fault', 'list')).toEqual([]);
  const slow = ['slow-api', 'service=sts', 'milliseconds=40'];
  const fault = await json<FaultAnswer>(commands, 'sandbox', 'fault', 'raise', ...slow);
  expect(fault).toMatchObject({ kind: 'slow-api', parameters: { service: 'sts', milliseconds: 40, share: 1 } });
  expect(await refusal(commands, 'sandbox', 'fault', 'raise', 'latency', 'from=outside')).toMatch(
    /latency isn't valid: to: .*; milliseconds: .*Allowed: from=…, to=…, milliseconds=1…600000/,
  );
  expect(await refusal(commands, 'sandbox', 'fault', 'raise', 'flood')).toMatch(/no such kind.*flood.*Allowed: dark/);
  expect(await refusal(commands, 'sandbox', 'fault', 'raise', 'dark', 'us-east-1')).toMatch(/NAME=VALUE/);

  expect((await commands.run('sandbox', 'dark', 'us-east-1')).code).toBe(0);
  expect(await refusal(commands, 'sandbox', 'dark', 'us-east-1')).toMatch(/dark already/);
  const status = await json<Status>(commands, 'sandbox', 'status');
  expect(status.regions.map(({ region, state }) => [region, state])).toEqual([
    ['us-east-1', 'dark'],
    ['us-west-2', 'lit'],
  ]);
  expect(status.faults.map(({ kind }) => kind)).toEqual(['slow-api', 'dark']);
  const shown = await commands.run('sandbox', 'status');
  expect(shown.stdout).toMatch(/us-east-1: dark[\s\S]*us-west-2: lit[\s\S]*Faults\n.*slow-api/);
  expect(await json(commands, 'sandbox', 'back', 'us-east-1')).toHaveLength(1);
  expect(await json(commands, 'sandbox', 'fault', 'lift', fault.id)).toHaveLength(1);
  expect(await refusal(commands, 'sandbox', 'fault', 'lift', fault.id)).toMatch(/No such fault stands/);
  expect(await json(commands, 'sandbox', 'fault', 'list')).toEqual([]);

  expect(await json(commands, 'sandbox', 'clock', 'speed', 'max')).toMatchObject({ ceiling: 'max' });
  expect(await json(commands, 'sandbox', 'clock')).toMatchObject({ ceiling: 'max' });
  expect((await commands.run('sandbox', 'clock', 'speed', '0')).code).toBe(2);

  expect(await refusal(commands, 'sandbox', 'logs', 'dreams')).toMatch(/Nothing of that kind.*Allowed: sandbox/);
  const logs = commands.start(['sandbox', 'logs', '--follow', '--lines', '1']);
  await logs.until(/faults: lifted fault-\w+: slow-api/);
  await commands.run('sandbox', 'fault', 'raise', 'throttle');
  await logs.until(/faults: raised fault-\w+: throttle/);
  up.kill('SIGINT');
  expect((await up.ended).code).toBe(0);
  expect(await logs.ended).toMatchObject({ code: 0, stderr: 'The sandbox has ended.\n' });
  await gone(commands);
  expect(commands.leftovers()).toEqual([]);
});

test('a start in the background that fails says why and leaves nothing', { timeout: 300_000 }, async () => {
  using commands = new CommandLine();
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => taken.on('listening', ready));
  const { port } = taken.address() as AddressInfo;
  const detached = (...args: string[]) => refusal(commands, 'sandbox', 'up', '--detach', ...args);
  expect(await detached('--port', String(port))).toMatch(/The port is in use\. Given: \d+/);
  taken.close();
  expect(await detached('--config', '/no/such.ts')).toMatch(/no such config file/);
  expect(await detached('--env-file', '/dev/null/x')).toMatch(/env file can't be written.*ENOTDIR.*\/dev\/null\/x/);
  await gone(commands);
  expect(commands.leftovers()).toEqual([]);
});

test('an env file is never written over what no sandbox wrote', { timeout: 180_000 }, async () => {
  using commands = new CommandLine();
  const mine = join(commands.temporary, '.env');
  writeFileSync(mine, 'PASSWORD=mine\n');
  chmodSync(mine, 0o644);
  expect(await refusal(commands, 'sandbox', 'up', '--env-file', mine)).toMatch(/isn't written over.*\.env/);
  expect(readFileSync(mine, 'utf8')).toBe('PASSWORD=mine\n');
  expect(await refusal(commands, 'sandbox', 'up', '--env-file', '/dev/full')).toMatch(/no plain file/);
  symlinkSync(mine, join(commands.temporary, 'link'));
  expect(await refusal(commands, 'sandbox', 'up', '--env-file', join(commands.temporary, 'link'))).toMatch(
    /no plain file/,
  );
  expect(await refusal(commands, 'sandbox', 'up', '--state', mine)).toMatch(/State is kept in a folder/);
  expect(commands.leftovers().sort()).toEqual(['.env', 'link']);
});

test('whoever waits for a background start may interrupt it: it is ended with all it began', {
  timeout: 180_000,
}, async () => {
  using commands = new CommandLine();
  const envFile = join(commands.temporary, 'e.env');
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const starting = commands.start(['sandbox', 'up', '--detach', '--deploy', '--env-file', envFile]);
    await expect.poll(() => existsSync(envFile), { timeout: 30_000 }).toBe(true);
    starting.kill(signal);
    const { code, stdout } = await starting.ended;
    expect({ code, stdout }).toEqual({ code: signal === 'SIGINT' ? 130 : null, stdout: '' });
    await gone(commands);
    expect(commands.leftovers()).toEqual([]);
  }
});

test("an env file that somebody changed meanwhile is theirs; the sandbox's own is taken over by the next one", {
  timeout: 300_000,
}, async () => {
  using commands = new CommandLine();
  const envFile = join(commands.temporary, 'e.env');
  const first = await json<UpReport>(commands, 'sandbox', 'up', '--detach', '--env-file', envFile);
  process.kill(first.pid, 'SIGKILL');
  await gone(commands);
  expect(readFileSync(envFile, 'utf8')).toContain(first.id);
  const second = await json<UpReport>(commands, 'sandbox', 'up', '--detach', '--env-file', envFile);
  const written = readFileSync(envFile, 'utf8');
  expect(written).toContain(second.id);
  writeFileSync(envFile, `${written}export MORE=1\n`);
  await commands.run('sandbox', 'down');
  expect(readFileSync(envFile, 'utf8')).toBe(`${written}export MORE=1\n`);
  await gone(commands);
});
