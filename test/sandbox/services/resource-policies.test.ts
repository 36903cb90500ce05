/** A policy nobody can read is refused when it is written: with the service's own code and words, and the path of what is wrong. */

import { beforeAll, describe, expect, test } from 'vitest';
import { AwsError } from '../../../src/sandbox/contract.ts';
import { createEventsService } from '../../../src/sandbox/services/events/operations.ts';
import { createIamService } from '../../../src/sandbox/services/iam/service.ts';
import { createKmsService } from '../../../src/sandbox/services/kms/service.ts';
import { createLogsService } from '../../../src/sandbox/services/logs/operations.ts';
import { createS3Service } from '../../../src/sandbox/services/s3/service.ts';
import { createSecretsManagerService } from '../../../src/sandbox/services/secretsmanager/service.ts';
import { createSnsService } from '../../../src/sandbox/services/sns/operations.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import type { TestSandbox } from '../../support/test-sandbox.ts';
import { testSandbox } from '../../support/test-sandbox.ts';

let sandbox: TestSandbox;
let queue = '';
let topic = '';
let key = '';
beforeAll(async () => {
  sandbox = testSandbox([
    createIamService,
    createKmsService,
    createSecretsManagerService,
    createLogsService,
    createEventsService,
    createSnsService,
    createSqsService,
    createS3Service,
  ]);
  queue = (await sandbox.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'q' })).QueueUrl;
  topic = (await sandbox.call<{ TopicArn: string }>('sns', 'CreateTopic', { Name: 't' })).TopicArn;
  key = (await sandbox.call<{ KeyMetadata: { KeyId: string } }>('kms', 'CreateKey', {})).KeyMetadata.KeyId;
  await sandbox.call('secretsmanager', 'CreateSecret', { Name: 's', SecretString: 'x' });
  await sandbox.call('s3', 'CreateBucket', { Bucket: 'photos' });
});

const writers: Record<string, (policy: string) => Promise<unknown>> = {
  sqs: (Policy) => sandbox.call('sqs', 'SetQueueAttributes', { QueueUrl: queue, Attributes: { Policy } }),
  sns: (AttributeValue) =>
    sandbox.call('sns', 'SetTopicAttributes', { TopicArn: topic, AttributeName: 'Policy', AttributeValue }),
  kms: (Policy) => sandbox.call('kms', 'PutKeyPolicy', { KeyId: key, Policy }),
  logs: (policyDocument) => sandbox.call('logs', 'PutResourcePolicy', { policyName: 'p', policyDocument }),
  events: (Policy) => sandbox.call('events', 'PutPermission', { Policy }),
  secretsmanager: (ResourcePolicy) =>
    sandbox.call('secretsmanager', 'PutResourcePolicy', { SecretId: 's', ResourcePolicy }),
  s3: (Policy) => sandbox.call('s3', 'PutBucketPolicy', { Bucket: 'photos', Policy }),
  iam: (PolicyDocument) => sandbox.call('iam', 'CreatePolicy', { PolicyName: 'p', PolicyDocument }),
};

async function refusal(service: string, policy: object | string): Promise<string> {
  const text = typeof policy === 'string' ? policy : JSON.stringify(policy);
  const error: unknown = await writers[service]?.(text).then(
    () => 'accepted',
    (thrown: unknown) => thrown,
  );
  return error instanceof AwsError ? `${error.code}: ${error.message}` : String(error);
}

const whole = { Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: '*' };
const sentences: readonly [service: string, sentence: string][] = [
  ['sqs', 'InvalidAttributeValue: Invalid value for the parameter Policy.'],
  ['sns', 'InvalidParameterException: Invalid parameter: Policy Error: null'],
  ['kms', 'MalformedPolicyDocumentException: '],
  ['logs', 'InvalidParameterException: Could not convert to persistable policy.'],
  ['events', 'ValidationException: '],
  ['secretsmanager', 'MalformedPolicyDocumentException: This policy has invalid syntax.'],
  ['s3', 'MalformedPolicy: '],
  ['iam', 'MalformedPolicyDocument: '],
];

describe.each(sentences)('%s refuses', (service, sentence) => {
  test.each([
    ['text that is no JSON', '{"Statement":', 'alid'],
    ['an effect nobody knows', { Version: '2012-10-17', Statement: [{ ...whole, Effect: 'Maybe' }] }, 'Effect'],
    ['a field nobody knows', { Version: '2012-10-17', Statement: [whole, { ...whole, Principle: '*' }] }, 'Princip'],
    ['no statement', { Version: '2012-10-17' }, 'Statement'],
  ])('%s', async (_what, policy, path) => {
    const refused = await refusal(service, policy);
    expect(refused.startsWith(sentence), refused).toBe(true);
    expect(refused).toContain(path);
  });
});

test('a topic speaks of its own actions only', async () => {
  expect(await refusal('sns', { Version: '2012-10-17', Statement: { ...whole, Action: 'sns:CreateTopic' } })).toBe(
    'InvalidParameterException: Invalid parameter: Policy statement action out of service scope! [sns:CreateTopic]',
  );
  expect(await refusal('sns', { Version: '2012-10-17', Statement: whole })).toBe('accepted');
});
