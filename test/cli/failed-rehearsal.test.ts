// A rehearsal that fails leaves no process, and what it takes to look into it.

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import type { UpReport } from '../../src/cli/sandbox-up.ts';
import type { Status } from '../../src/sandbox/control/protocol.ts';
import { CommandLine, processesOf } from './command-line.ts';

/** An app that synthesizes one stack whose second parameter can't be made: the name is taken by the first. */
const app = `
import { mkdirSync, writeFileSync } from 'node:fs';
const out = process.env.CDK_OUTDIR;
mkdirSync(out, { recursive: true });
const parameter = { Type: 'AWS::SSM::Parameter', Properties: { Name: '/same', Type: 'String', Value: 'v' } };
const template = { Resources: { First: parameter, Second: { ...parameter, DependsOn: 'First' } } };
writeFileSync(out + '/t.json', JSON.stringify(template));
const stack = { type: 'aws:cloudformation:stack', environment: 'aws://111122223333/us-east-1', properties: { templateFile: 't.json' } };
writeFileSync(out + '/manifest.json', JSON.stringify({ version: '1', artifacts: { doomed: stack } }));
`;

test('the command it names shows logs and the timeline of what is gone', { timeout: 300_000 }, async () => {
  using commands = new CommandLine();
  const { temporary } = commands;
  const config = join(temporary, 'workload.json');
  mkdirSync(join(temporary, 'image'));
  writeFileSync(join(temporary, 'app.mjs'), app);
  writeFileSync(join(temporary, 'cdk.json'), JSON.stringify({ app: `"${process.execPath}" app.mjs` }));
  writeFileSync(
    config,
    JSON.stringify({
      name: 'w',
      primary: { region: 'us-east-1' },
      recovery: { region: 'us-west-2' },
      compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
      traffic: { zone: 'w.example', name: 'w.example' },
      sandbox: {
        images: { 'ami-0f0e0d0c0b0a09080': { folder: 'image', command: ['node', 'x'] } },
        customers: {
          write: { path: '/{id}', body: { text: '{id}' } },
          row: { table: 'entries', id: 'id' },
        },
      },
    }),
  );
  const reports = join(temporary, 'reports');
  const rehearsed = await commands.run('rehearse', '--config', config, '--report', reports, '--json');
  expect(rehearsed.code).toBe(1);
  const result = JSON.parse(rehearsed.stdout) as { outcome: string; failures: string[]; report: string; state: string };
  expect(result.outcome).toBe('failed');
  expect(result.failures.join('\n')).toMatch(/Second/);
  await expect.poll(() => processesOf(commands), { timeout: 10_000 }).toEqual([]);
  expect(existsSync(result.report)).toBe(true);
  expect(statSync(join(result.state, 'kept.json')).mode & 0o077).toBe(0);

  const [, command = ''] = /npx pilot-light (sandbox logs .*)\n/.exec(rehearsed.stderr) ?? [];
  const listed = await commands.run(...command.split(' '));
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  expect(listed.stdout).toMatch(/^rehearsal +- +timeline$/m);
  const timeline = await commands.run('sandbox', 'logs', 'rehearsal', 'timeline', '--state', result.state);
  expect(timeline.stdout).toMatch(/"kind":"problem".*Second/);
  const status = await commands.run('sandbox', 'status', '--json', '--state', result.state);
  expect(JSON.parse(status.stdout) as Status).toMatchObject({ purpose: 'rehearse primary-region-dark' });
  expect((await commands.run('sandbox', 'iam', '--state', result.state)).code).toBe(0);
  const [, look = ''] = /npx pilot-light (sandbox up --look .*)\n/.exec(rehearsed.stderr) ?? [];
  expect(look).toContain(`--config ${config}`);
  const up = await commands.run(...look.split(' '), '--detach', '--json');
  expect(up).toMatchObject({ code: 0, stderr: '' });
  const { environment } = JSON.parse(up.stdout) as UpReport;
  const ssm = new SSMClient({
    endpoint: environment.AWS_ENDPOINT_URL ?? '',
    region: 'us-east-1',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  await expect(ssm.send(new GetParameterCommand({ Name: '/same' }))).rejects.toThrow(/ParameterNotFound|not found/i);
  // A running sandbox answers for its folder itself.
  const looking = await commands.run('sandbox', 'status', '--json', '--state', result.state);
  expect(JSON.parse(looking.stdout) as Status).toMatchObject({ stage: 'looking', purpose: 'sandbox up --look' });
  const shown = await commands.run('sandbox', 'status');
  expect(shown.stdout).toMatch(/stacks ROLLBACK_\w+: doomed/);
  expect((await commands.run('sandbox', 'down')).code).toBe(0);
  await expect.poll(() => processesOf(commands), { timeout: 10_000 }).toEqual([]);

  const refused = await commands.run('sandbox', 'logs', '--follow', '--state', result.state);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/doesn't grow/) });
});

test('looking needs something that was kept, and nothing else that would move it on', {
  timeout: 120_000,
}, async () => {
  using commands = new CommandLine();
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await commands.run('sandbox', 'up', '--look', ...args);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
    return stderr;
  };
  expect(await refusal()).toMatch(/--look needs --state/);
  expect(await refusal('--state', 'x', '--deploy')).toMatch(/--deploy has no meaning/);
  expect(await refusal('--state', join(commands.temporary, 'nowhere'))).toMatch(/No sandbox was kept there.*nowhere/);
  mkdirSync(join(commands.temporary, 'empty'));
  expect(await refusal('--state', join(commands.temporary, 'empty'))).toMatch(/No sandbox was kept there/);
  expect(commands.leftovers()).toEqual(['empty']);
});
