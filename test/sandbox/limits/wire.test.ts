/** The rates as real clients meet them over the wire: what is throttled passes on a later try, because AWS time has gone on. */

import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { outside } from '../../../src/sandbox/contract.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { createSsmService } from '../../../src/sandbox/services/ssm/service.ts';
import { wiredSandbox } from '../../support/wired-sandbox.ts';

test('a burst of puts is throttled, and the SDK’s own retries bring every one of them home', async () => {
  await using world = await wiredSandbox([createSsmService], { speed: 1 });
  const { core } = world.sandbox;
  const settings = { endpoint: core.endpoint(outside), region: 'us-east-1', credentials: world.credentials };
  const impatient = new SSMClient({ ...settings, maxAttempts: 1 });
  const put = (name: string) => new PutParameterCommand({ Name: name, Value: 'x', Type: 'String' });
  const burst = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) => impatient.send(put(`/burst/${index}`))),
  );
  const refused = burst.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  expect(refused.length).toBeGreaterThan(0);
  for (const error of refused) {
    expect(error).toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
  }

  const patient = new SSMClient({ ...settings, maxAttempts: 10 });
  const home = await Promise.all(Array.from({ length: 10 }, (_, index) => patient.send(put(`/home/${index}`))));
  expect(home.map(({ Version }) => Version)).toEqual(home.map(() => 1));
  expect(Math.max(...home.map(({ $metadata }) => $metadata.attempts ?? 0))).toBeGreaterThan(1);
}, 30_000);

test('a sandbox without limits answers as fast as it is asked', async () => {
  await using world = await wiredSandbox([(core) => createEc2Service(core, { images: {} })], {
    limits: 'off',
    speed: 1,
  });
  const settings = {
    endpoint: world.sandbox.core.endpoint(outside),
    region: 'us-east-1',
    credentials: world.credentials,
  };
  const client = new EC2Client({ ...settings, maxAttempts: 1 });
  const answers = await Promise.all(Array.from({ length: 150 }, () => client.send(new DescribeVpcsCommand({}))));
  expect(answers).toHaveLength(150);
}, 30_000);
