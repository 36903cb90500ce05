/** Clients of another age and language against every service: every aws CLI and boto3 of this machine, as they come. */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { sandboxHost } from '../sandbox-target.ts';
import type { TargetHost } from '../target-host.ts';
import { cliLines, cliTemplate } from './aws-cli.ts';

const run = promisify(execFile);

/** The distribution's, which are old, and whatever else stands in the path: those that are there. */
const onPath = (name: string): string[] =>
  [`/usr/bin/${name}`, ...(process.env.PATH ?? '').split(':').map((folder) => join(folder, name))].filter(
    (file, index, all) => existsSync(file) && all.findIndex((one) => real(one) === real(file)) === index,
  );
const real = (file: string): string => (existsSync(file) ? realpathSync(file) : file);

const clis = onPath('aws');
const pythons = onPath('python3').filter(
  (python) => spawnSync(python, ['-c', 'import boto3'], { stdio: 'ignore' }).status === 0,
);

const open: TargetHost[] = [];
/** One for each client: they make things of the same names. */
async function ownHost(): Promise<TargetHost> {
  const host = await sandboxHost();
  open.push(host);
  return host;
}
afterEach(async () => {
  for (const host of open.splice(0)) await host.close();
});

/** Nothing of the user's own settings. */
function environment({ settings, region }: TargetHost): NodeJS.ProcessEnv {
  const { credentials } = settings as { credentials: { accessKeyId: string; secretAccessKey: string } };
  const { AWS_PROFILE: _profile, AWS_ENDPOINT_URL: _endpoint, AWS_SESSION_TOKEN: _token, ...rest } = process.env;
  return {
    ...rest,
    LANG: 'C.UTF-8',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_RETRY_MODE: 'standard',
    AWS_MAX_ATTEMPTS: '8',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  };
}

test.skipIf(clis.length > 0)('no aws CLI is installed (apt-get install awscli)', (context) => context.skip());
test.skipIf(pythons.length > 0)('no boto3 is installed (apt-get install python3-boto3)', (context) => context.skip());

test.each(clis)('%s: every service, with its pages, filters and waiters', { timeout: 400_000 }, async (cli) => {
  const host = await ownHost();
  const env = environment(host);
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-cli-'));
  writeFileSync(join(folder, 'template.json'), cliTemplate);
  const wrong: string[] = [];
  for (const { line, prints, refused } of cliLines) {
    // No argument of these lines has a blank in it.
    const args = ['--endpoint-url', host.endpoint ?? '', ...line.replaceAll('~', folder).split(' ')];
    const outcome = await run(cli, args, { env }).then(
      ({ stdout }) => ({ stdout, stderr: '' }),
      (error: { stderr?: string }) => ({ stdout: undefined, stderr: error.stderr ?? 'It said nothing.' }),
    );
    const isRight =
      prints === undefined
        ? refused?.test(outcome.stderr)
        : outcome.stdout !== undefined && prints.test(outcome.stdout);
    if (isRight !== true) wrong.push(`aws ${line}\n${outcome.stdout ?? ''}${outcome.stderr}`);
  }
  expect(wrong).toEqual([]);
});

test.each(pythons)(
  '%s: typed exceptions, waiters, paginators, transfers, presigned URLs, resources',
  {
    timeout: 200_000,
  },
  async (python) => {
    const host = await ownHost();
    const script = join(import.meta.dirname, 'boto3_contract.py');
    const { stdout } = await run(python, [script, host.endpoint ?? ''], { env: environment(host) });
    expect(stdout.split('\n')).toEqual([
      'typed_exceptions',
      'waiters',
      'paginators',
      's3_transfers',
      'presigned_as_it_comes',
      'resource_api',
      '',
    ]);
  },
);
