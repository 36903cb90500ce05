/** The stock CDK CLI against a sandbox: bootstrap, deploy, diff, deploy what changed, destroy, in both Regions. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refused } from '../contract.ts';
import { sandboxHost } from '../sandbox-target.ts';
import type { TargetHost } from '../target-host.ts';
import { targetOn } from '../target-host.ts';

const require = createRequire(import.meta.url);
const cdk = join(dirname(require.resolve('aws-cdk/package.json')), 'bin', 'cdk');
const tsx = join(dirname(require.resolve('tsx/package.json')), 'dist', 'cli.mjs');
const regions = ['us-east-1', 'us-west-2'];

let host: TargetHost;
let work: string;
beforeAll(async () => {
  host = await sandboxHost();
  work = mkdtempSync(join(tmpdir(), 'pilot-light-cdk-'));
});
afterAll(async () => {
  await host.close();
  rmSync(work, { recursive: true, force: true });
});

/** What a command says, on either stream; a command that fails throws it. */
async function run(value: string, ...args: string[]): Promise<string> {
  const { credentials } = host.settings as { credentials: { accessKeyId: string; secretAccessKey: string } };
  // A shell reads it, and a folder's name may hold a space. The CLI takes off quotes that the whole begins and ends with.
  const app = `${process.execPath} '${tsx}' '${join(import.meta.dirname, 'app.ts')}'`;
  const options = ['--app', app, '--output', join(work, 'cdk.out'), '--no-notices', '--no-color'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [cdk, ...args, ...options], {
    cwd: work,
    maxBuffer: 1 << 26,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: work,
      TMPDIR: work,
      CI: 'true',
      CDK_VALIDATION: 'false',
      CDK_APP_VALUE: value,
      AWS_ENDPOINT_URL: host.endpoint ?? '',
      AWS_REGION: host.region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
  return stdout + stderr;
}

test('bootstrap, deploy, diff, deploy again and destroy, in both Regions', { timeout: 500_000 }, async () => {
  await using target = targetOn(host);
  const value = async (region: string) => {
    const ssm = target.client(SSMClient, { region });
    return (await ssm.send(new GetParameterCommand({ Name: '/small/value' }))).Parameter?.Value;
  };
  const environments = regions.map((region) => `aws://111122223333/${region}`);
  const bootstrapped = await run('one', 'bootstrap', ...environments);
  expect(bootstrapped.match(/bootstrapped\./g)).toHaveLength(2);
  expect((await run('one', 'bootstrap', ...environments)).match(/no changes/g)).toHaveLength(2);

  await run('one', 'deploy', '--all', '--require-approval', 'never');
  expect(await Promise.all(regions.map(value))).toEqual(['one', 'one']);
  expect(await run('one', 'diff', '--all')).toMatch(/Number of stacks with differences: 0/);
  const difference = await run('two', 'diff', '--all');
  expect(difference).toMatch(/\[~\] AWS::SSM::Parameter/);
  expect(difference).toMatch(/Number of stacks with differences: 2/);

  await run('two', 'deploy', '--all', '--require-approval', 'never');
  expect(await Promise.all(regions.map(value))).toEqual(['two', 'two']);

  await run('two', 'destroy', '--all', '--force');
  for (const region of regions) {
    const client = target.client(CloudFormationClient, { region });
    await refused(client.send(new DescribeStacksCommand({ StackName: `Small-${region}` })), 'ValidationError', 400);
  }
});
