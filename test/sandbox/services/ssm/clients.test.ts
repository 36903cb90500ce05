import { rmSync } from 'node:fs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it, onTestFinished } from 'vitest';
import { createKmsService } from '../../../../src/sandbox/services/kms/service.ts';
import { createSsmService } from '../../../../src/sandbox/services/ssm/service.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';
import { clientSettings } from '../s3/door.ts';

it('serves the SDK client, secrets sealed by KMS included', async () => {
  const sandbox = testSandbox([createSsmService, createKmsService]);
  onTestFinished(() => rmSync(sandbox.core.directory, { recursive: true, force: true }));
  sandbox.dispatcher.register({ name: 'events', operations: { PutEvents: { handle: () => ({}) } } });
  const client = new SSMClient(clientSettings(sandbox));
  const Name = '/app/secret';
  await client.send(new PutParameterCommand({ Name, Value: 'hunter2', Type: 'SecureString' }));
  const sealed = await client.send(new GetParameterCommand({ Name }));
  expect(sealed.Parameter?.Value).not.toContain('hunter2');
  const open = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
  expect(open.Parameter).toMatchObject({ Value: 'hunter2', Version: 1 });
  expect(open.Parameter?.LastModifiedDate).toBeInstanceOf(Date);
  await expect(client.send(new GetParameterCommand({ Name: '/none' }))).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
});
