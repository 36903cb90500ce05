import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CommandLine, processesOf } from './command-line.ts';

const commands = new CommandLine();
afterAll(() => commands[Symbol.dispose]());

const report = join(commands.temporary, 'reports');
const broken = join(commands.temporary, 'broken.json');

test.each<[string[], RegExp]>([
  [['rehearse', '--json', '--fast'], /unknown option '--fast'/],
  [['rehearse', '--json', '--report', report, 'nonsense'], /Given: nonsense\. Allowed: .*primary-region-dark.*all/],
  ...['0', '-1', 'abc', '5000', ''].map((speed): [string[], RegExp] => [
    ['rehearse', '--json', '--report', report, `--speed=${speed}`],
    /--speed.*is invalid\. Allowed: a number from 1 to 1000, or "max"/,
  ]),
  [['rehearse', '--customers', '0'], /--customers.*is invalid\. Allowed: a whole number, from 1 to 100/],
  [['rehearse', '--json', '--report', '/dev/null/x'], /Given: \/dev\/null\/x\. Allowed: a folder you may write to/],
  [['rehearse', '--json', '--report', '/dev/null'], /Given: \/dev\/null\. Allowed: a folder/],
  [['rehearse', '--json', '--report', report, '--config', broken], /isn't valid[\s\S]*name/],
  [['rehearse', '--json', '--report', report, '--config', '/no/such.ts'], /no such config file/],
  [['sandbox', 'up', '--port', '65536'], /--port.*is invalid\. Allowed: a whole number, from 1 to 65535/],
  [['sandbox', 'up', '--port', '0'], /--port.*is invalid/],
  [['sandbox', 'up', '--config', broken], /isn't valid/],
  [['sandbox', 'sideways'], /unknown command 'sideways'/],
  [['failover', '--sql', '127.0.0.1:3307'], /--take-over and --sql are for --break-glass/],
  [['failover', '--break-glass', '--sql', 'there'], /HOST:PORT, like 127.0.0.1:3307/],
  [['run', 'skip', 'a', '--why', 'hurry'], /missing required argument 'step'/],
  [['run', 'pause'], /--why/],
])('%j is one error on stderr and exit code 2', async (args, says) => {
  writeFileSync(broken, '{"name": 5}');
  const { code, stdout, stderr } = await commands.run(...args);
  expect(stderr).toMatch(says);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).not.toMatch(/\n {4}at /);
  expect(processesOf(commands)).toEqual([]);
  expect(commands.leftovers()).toEqual(['broken.json']);
});

test('a port in use is found out before anything is started', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => taken.on('listening', ready));
  const { port } = taken.address() as AddressInfo;
  const { code, stdout, stderr } = await commands.run('sandbox', 'up', '--port', String(port));
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: `The port is in use. Given: ${port}. Allowed: a free port from 1 to 65535. Choose another one, or leave --port out.\n`,
  });
  expect(commands.leftovers()).toEqual(['broken.json']);
  taken.close();
});

test('help is no error', async () => {
  const { code, stdout, stderr } = await commands.run('rehearse', '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/--speed/);
});
