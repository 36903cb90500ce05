/** Clients of another age and language against every service: the distribution's aws CLI and boto3, as they come. */

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sandboxHost } from '../sandbox-target.ts';
import type { TargetHost } from '../target-host.ts';
import { cliLines } from './aws-cli.ts';

const run = promisify(execFile);
const cli = '/usr/bin/aws';
const python = '/usr/bin/python3';
const boto3 = '/usr/lib/python3/dist-packages/boto3';

let host: TargetHost;
beforeAll(async () => {
  host = await sandboxHost();
});
afterAll(() => host.close());

function environment(): NodeJS.ProcessEnv {
  const { credentials } = host.settings as { credentials: { accessKeyId: string; secretAccessKey: string } };
  return {
    PATH: '/usr/bin:/bin',
    HOME: mkdtempSync(join(tmpdir(), 'pilot-light-home-')),
    LANG: 'C.UTF-8',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: host.region,
    AWS_RETRY_MODE: 'standard',
    AWS_MAX_ATTEMPTS: '8',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  };
}

test('the aws CLI: every service, with its pages, filters and waiters', { timeout: 400_000 }, async (context) => {
  if (!existsSync(cli)) context.skip(`${cli} is not installed (apt-get install awscli)`);
  const env = environment();
  const wrong: string[] = [];
  for (const { line, prints, refused } of cliLines) {
    // No argument of these lines has a blank in it.
    const args = ['--endpoint-url', host.endpoint ?? '', ...line.split(' ')];
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

test('boto3: typed exceptions, waiters, paginators, transfers, presigned URLs, resources', {
  timeout: 200_000,
}, async (context) => {
  if (!existsSync(boto3)) context.skip('boto3 is not installed (apt-get install python3-boto3)');
  const script = join(import.meta.dirname, 'boto3_contract.py');
  const { stdout } = await run(python, [script, host.endpoint ?? ''], { env: environment() });
  expect(stdout.split('\n')).toEqual(['typed_exceptions', 'waiters', 'paginators', 's3_transfers', 'resource_api', '']);
});
