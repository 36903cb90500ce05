import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { CommandLine, processesOf } from './command-line.ts';

const up = /The sandbox is up[\s\S]*ends it\./;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.on('listening', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Calls AWS with what `sandbox up` printed to export. */
async function accountBehind(output: string): Promise<string | undefined> {
  const printed = Object.fromEntries(
    [...output.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
  const client = new STSClient({
    endpoint: printed.AWS_ENDPOINT_URL,
    region: printed.AWS_REGION,
    credentials: {
      accessKeyId: printed.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: printed.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Account;
  } finally {
    client.destroy();
  }
}

test('two sandboxes run at the same time; Ctrl-C, being killed and `down` leave nothing', {
  timeout: 120_000,
}, async () => {
  using commands = new CommandLine();
  const port = await freePort();
  const one = commands.start(['sandbox', 'up']);
  const other = commands.start(['sandbox', 'up', '--port', String(port)]);
  const third = commands.start(['sandbox', 'up', '--speed', 'max']);
  const [said, otherSaid] = await Promise.all([one.until(up), other.until(up), third.until(up)]);

  expect(otherSaid[0]).toContain(`export AWS_ENDPOINT_URL=http://127.0.0.1:${port}\n`);
  expect(await accountBehind(said[0])).toBe('111122223333');
  expect(await accountBehind(otherSaid[0])).toBe('111122223333');

  one.kill('SIGINT');
  expect((await one.ended).code).toBe(0);
  expect(processesOf(commands).filter((line) => line.startsWith(`${one.pid} `))).toEqual([]);
  expect(await accountBehind(otherSaid[0])).toBe('111122223333');

  other.kill('SIGKILL');
  await other.ended;
  const down = await commands.run('sandbox', 'down');
  expect(down).toEqual({ code: 0, stdout: 'Ended 1 running. Swept what 1 left behind.\n', stderr: '' });
  expect((await third.ended).code).toBe(0);
  expect(processesOf(commands)).toEqual([]);
  expect(commands.leftovers()).toEqual([]);
});

test('interrupted while it starts, it leaves nothing', { timeout: 60_000 }, async () => {
  using commands = new CommandLine();
  const starting = commands.start(['sandbox', 'up', '--deploy']);
  await expect
    .poll(() => commands.leftovers().some((name) => name.startsWith('pilot-light-work-')), { timeout: 30_000 })
    .toBe(true);
  starting.kill('SIGTERM');
  const { code, stdout, stderr } = await starting.ended;
  expect({ code, stdout }).toEqual({ code: 143, stdout: '' });
  expect(stderr).toMatch(/Interrupted \(SIGTERM\)/);
  await expect.poll(() => processesOf(commands), { timeout: 10_000 }).toEqual([]);
  expect(commands.leftovers()).toEqual([]);
});
