import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { GetFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { ChangeResourceRecordSetsCommand, GetHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../../src/sandbox/contract.ts';
import type { World } from './world.ts';
import { accessKeyId, secretAccessKey, sessionToken, startWorld } from './world.ts';

let world: World;
const open: { destroy(): void }[] = [];
beforeAll(async () => {
  world = await startWorld(['outside', 'us-west-2']);
});
beforeEach(() => world.reset());
afterAll(async () => {
  for (const client of open) client.destroy();
  await world.close();
});

// biome-ignore lint/suspicious/noExplicitAny: clients and commands of many packages stand in one table.
type Any = any;
const send = (Client: Any, command: Any, settings: object = {}): Promise<Any> => {
  const client = new Client({ ...world.client, ...settings });
  open.push(client);
  return client.send(command);
};
const getParameter = new GetParameterCommand({ Name: 'n' });

describe('errors a service raises', () => {
  test.each([
    [
      'by shape',
      'ssm:GetParameter',
      SSMClient,
      getParameter,
      new AwsError('ParameterNotFound', 'gone'),
      'ParameterNotFound',
      400,
    ],
    [
      'by the code of query clients',
      'rds:DescribeDBInstances',
      RDSClient,
      new DescribeDBInstancesCommand({}),
      new AwsError('DBInstanceNotFound', 'gone'),
      'DBInstanceNotFoundFault',
      404,
    ],
    [
      'by shape, to a query client',
      'rds:DescribeDBInstances',
      RDSClient,
      new DescribeDBInstancesCommand({}),
      new AwsError('DBInstanceNotFoundFault', 'gone'),
      'DBInstanceNotFoundFault',
      404,
    ],
    [
      'not modelled',
      'cloudformation:DescribeStacks',
      CloudFormationClient,
      new DescribeStacksCommand({}),
      new AwsError('ValidationError', 'Stack with id x does not exist'),
      'ValidationError',
      400,
    ],
    [
      'not modelled',
      'ec2:DescribeInstances',
      EC2Client,
      new DescribeInstancesCommand({}),
      new AwsError('InvalidInstanceID.NotFound', 'gone'),
      'InvalidInstanceID.NotFound',
      400,
    ],
    [
      'by shape',
      'route53:GetHostedZone',
      Route53Client,
      new GetHostedZoneCommand({ Id: 'Z' }),
      new AwsError('NoSuchHostedZone', 'gone'),
      'NoSuchHostedZone',
      404,
    ],
    [
      'by shape',
      'lambda:GetFunction',
      LambdaClient,
      new GetFunctionCommand({ FunctionName: 'f' }),
      new AwsError('ResourceNotFoundException', 'gone'),
      'ResourceNotFoundException',
      404,
    ],
    [
      'by shape',
      's3:GetObject',
      S3Client,
      new GetObjectCommand({ Bucket: 'b', Key: 'k' }),
      new AwsError('NoSuchKey', 'gone'),
      'NoSuchKey',
      404,
    ],
    [
      'with a status of its own',
      's3:GetObject',
      S3Client,
      new GetObjectCommand({ Bucket: 'b', Key: 'k' }),
      new AwsError('PreconditionFailed', 'gone', { status: 412 }),
      'PreconditionFailed',
      412,
    ],
  ] as [string, `${string}:${string}`, Any, Any, AwsError, string, number][])(
    '%s: %s',
    async (_how, name, Client, command, error, code, status) => {
      world.on(name, () => {
        throw error;
      });
      await expect(send(Client, command)).rejects.toMatchObject({
        name: code,
        message: error.message,
        $metadata: { httpStatusCode: status, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      });
    },
  );

  test('carry their extra fields', async () => {
    world.on('dynamodb:PutItem', () => {
      throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed', {
        fields: { Item: { pk: { S: 'a' } } },
      });
    });
    await expect(send(DynamoDBClient, new PutItemCommand({ TableName: 't', Item: {} }))).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { pk: { S: 'a' } },
    });
    world.on('lambda:Invoke', () => {
      throw new AwsError('TooManyRequestsException', 'slow', {
        fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', retryAfterSeconds: '7' },
      });
    });
    await expect(send(LambdaClient, new InvokeCommand({ FunctionName: 'f' }))).rejects.toMatchObject({
      Type: 'User',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      retryAfterSeconds: '7',
      $metadata: { httpStatusCode: 429 },
    });
    world.on('route53:ChangeResourceRecordSets', () => {
      throw new AwsError('InvalidChangeBatch', 'bad batch', { fields: { messages: ['one', 'two'] } });
    });
    const change = new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z', ChangeBatch: { Changes: [] } });
    await expect(send(Route53Client, change)).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      messages: ['one', 'two'],
    });
  });

  test('SQS and CloudWatch tell JSON clients the code of query clients too', async () => {
    world.on('sqs:GetQueueUrl', () => {
      throw new AwsError('QueueDoesNotExist', 'gone');
    });
    await expect(send(SQSClient, new GetQueueUrlCommand({ QueueName: 'q' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Error: { Code: 'AWS.SimpleQueueService.NonExistentQueue', Type: 'Sender' },
    });
  });

  test.each([
    ['ssm:GetParameter', SSMClient, getParameter, 'AccessDeniedException', 400],
    ['rds:DescribeDBInstances', RDSClient, new DescribeDBInstancesCommand({}), 'AccessDenied', 403],
    ['ec2:DescribeInstances', EC2Client, new DescribeInstancesCommand({}), 'UnauthorizedOperation', 403],
    ['lambda:GetFunction', LambdaClient, new GetFunctionCommand({ FunctionName: 'f' }), 'AccessDeniedException', 403],
    ['s3:GetObject', S3Client, new GetObjectCommand({ Bucket: 'b', Key: 'k' }), 'AccessDenied', 403],
    ['monitoring:DescribeAlarms', CloudWatchClient, new DescribeAlarmsCommand({}), 'AccessDenied', 400],
  ] as [`${string}:${string}`, Any, Any, string, number][])(
    'no permission for %s is spelled as its service does',
    async (name, Client, command, code, status) => {
      world.on(name, () => {
        throw new AwsError('AccessDenied', 'not allowed');
      });
      await expect(send(Client, command)).rejects.toMatchObject({
        name: code,
        message: 'not allowed',
        $metadata: { httpStatusCode: status },
      });
    },
  );

  test('what is no AWS error is an internal failure that the log explains', async () => {
    world.on('ssm:GetParameter', () => {
      throw new TypeError('a bug');
    });
    await expect(send(SSMClient, getParameter)).rejects.toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    });
    expect(world.logged.at(-1)).toContain('a bug');
    world.on('ssm:GetParameter', () => ({ Parameter: { LastModifiedDate: 'yesterday' } }));
    await expect(send(SSMClient, getParameter)).rejects.toMatchObject({ name: 'InternalFailure' });
    expect(world.logged.at(-1)).toContain('Parameter.LastModifiedDate should be a Date but is string');
  });
});

describe('what the sandbox does not have is refused by name', () => {
  test('an operation', async () => {
    world.door.dispatcher.register({ name: 'secretsmanager', operations: {} });
    await expect(send(SecretsManagerClient, new GetSecretValueCommand({ SecretId: 's' }))).rejects.toMatchObject({
      name: 'UnsupportedOperation',
      message: expect.stringContaining('secretsmanager:GetSecretValue'),
      $metadata: { httpStatusCode: 501 },
    });
  });

  test('a service', async () => {
    const scope = `${accessKeyId}/20261123/us-east-1/ecr/aws4_request`;
    const response = await fetch(world.client.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories',
        'x-amz-date': '20261123T120000Z',
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`,
      },
      body: '{}',
    });
    expect([response.status, await response.json()]).toEqual([
      501,
      { __type: 'UnsupportedOperation', message: "The sandbox doesn't have the service ecr." },
    ]);
  });

  test('a Region', async () => {
    await expect(send(EC2Client, new DescribeInstancesCommand({}), { region: 'eu-west-3' })).rejects.toMatchObject({
      name: 'OptInRequired',
      message: expect.stringContaining('us-east-1, us-west-2'),
    });
  });
});

describe('signatures', () => {
  const wrongKey = { credentials: { accessKeyId: 'AKIDNOBODY', secretAccessKey } };
  const wrongSecret = { credentials: { accessKeyId, secretAccessKey: 'wrong' } };
  const wrongToken = { credentials: { accessKeyId: 'ASIAPILOTLIGHTTEST00', secretAccessKey, sessionToken: 'other' } };
  const expired = { credentials: { accessKeyId: 'ASIAEXPIRED000000000', secretAccessKey, sessionToken } };
  const dynamo = [DynamoDBClient, new PutItemCommand({ TableName: 't', Item: {} })] as const;
  const sts = [STSClient, new GetCallerIdentityCommand({})] as const;
  const ec2 = [EC2Client, new DescribeInstancesCommand({})] as const;
  const lambda = [LambdaClient, new GetFunctionCommand({ FunctionName: 'f' })] as const;
  const s3 = [S3Client, new ListBucketsCommand({})] as const;
  const iam = [IAMClient, new ListRolesCommand({})] as const;
  test.each([
    ['unknown key', ...dynamo, wrongKey, 'UnrecognizedClientException', 400],
    ['unknown key', ...sts, wrongKey, 'InvalidClientTokenId', 403],
    ['unknown key', ...ec2, wrongKey, 'AuthFailure', 401],
    ['unknown key', ...lambda, wrongKey, 'UnrecognizedClientException', 403],
    ['unknown key', ...s3, wrongKey, 'InvalidAccessKeyId', 403],
    ['wrong secret', ...dynamo, wrongSecret, 'InvalidSignatureException', 400],
    ['wrong secret', ...iam, wrongSecret, 'SignatureDoesNotMatch', 403],
    ['wrong secret', ...s3, wrongSecret, 'SignatureDoesNotMatch', 403],
    ['wrong session token', ...sts, wrongToken, 'InvalidClientTokenId', 403],
    ['session over', ...dynamo, expired, 'ExpiredTokenException', 400],
    ['session over', ...sts, expired, 'ExpiredToken', 403],
    ['session over', ...s3, expired, 'ExpiredToken', 400],
  ] as [string, Any, Any, object, string, number][])(
    '%s, %o',
    async (_what, Client, command, settings, code, status) => {
      await expect(send(Client, command, settings)).rejects.toMatchObject({
        name: code,
        $metadata: { httpStatusCode: status },
      });
    },
  );

  const skewed = (minutes: number) => ({ systemClockOffset: minutes * 60_000, maxAttempts: 1 });
  const past = /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/;
  const future =
    /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)$/;
  const notValidated = /^AWS was not able to validate the provided access credentials$/;
  const tooLarge = /^The difference between the request time and the current time is too large\.$/;
  test.each([
    ['20 minutes ago', ...sts, skewed(-20), 'SignatureDoesNotMatch', past],
    ['20 minutes ago', ...dynamo, skewed(-20), 'InvalidSignatureException', past],
    ['in 20 minutes', ...sts, skewed(20), 'SignatureDoesNotMatch', future],
    ['20 minutes ago', ...s3, skewed(-20), 'RequestTimeTooSkewed', tooLarge],
    [
      '20 minutes ago',
      EC2Client,
      new DescribeInstancesCommand({}),
      skewed(-20),
      'RequestExpired',
      /^Request has expired\.$/,
    ],
    [
      'by nobody known',
      ...sts,
      wrongKey,
      'InvalidClientTokenId',
      /^The security token included in the request is invalid\.$/,
    ],
    ['by nobody known', ...s3, wrongKey, 'InvalidAccessKeyId', /^The AWS Access Key Id you provided does not exist/],
    ['by nobody known', EC2Client, new DescribeInstancesCommand({}), wrongKey, 'AuthFailure', notValidated],
    ['in a session that is over', ...s3, expired, 'ExpiredToken', /^The provided token has expired\.$/],
    [
      'in a session that is over',
      ...sts,
      expired,
      'ExpiredToken',
      /^The security token included in the request is expired$/,
    ],
  ] as [string, Any, Any, object, string, RegExp][])(
    'signed %s, each service says it in its own words',
    async (...row) => {
      const [, Client, command, settings, name, message] = row;
      await expect(send(Client, command, settings)).rejects.toMatchObject({
        name,
        message: expect.stringMatching(message),
      });
    },
  );

  test('a session is accepted with its token', async () => {
    await send(...sts, { credentials: { accessKeyId: 'ASIAPILOTLIGHTTEST00', secretAccessKey, sessionToken } });
    expect(world.asked.at(-1)?.operation).toBe('GetCallerIdentity');
  });

  test('an unsigned request is refused', async () => {
    const form = await fetch(world.client.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    expect([form.status, await form.text()]).toEqual([
      403,
      expect.stringContaining('<Code>MissingAuthenticationToken</Code>'),
    ]);
    const get = await fetch(`${world.client.endpoint}/bucket/key`);
    expect([get.status, await get.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
  });

  test.each([
    ['the machine', 0, true],
    ['the machine, 14 minutes late', -14 * 60_000, true],
    ['the machine, an hour late', -3_600_000, false],
    ['AWS', () => world.door.core.clock.now() - Date.now(), true],
    ['AWS, an hour early', () => world.door.core.clock.now() - Date.now() + 3_600_000, false],
  ])('made by the time of %s', async (_what, offset, accepted) => {
    const sent = send(...sts, { systemClockOffset: typeof offset === 'number' ? offset : offset() });
    if (accepted) await sent;
    else await expect(sent).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  });
});

describe('vantage', () => {
  test('the listener says where the caller stands, the scope which Region is addressed', async () => {
    await send(EC2Client, new DescribeInstancesCommand({}), { endpoint: world.endpoint('us-west-2') });
    expect(world.asked.at(-1)?.call).toMatchObject({ region: 'us-east-1', from: 'us-west-2' });
    await send(EC2Client, new DescribeInstancesCommand({}), { region: 'us-west-2' });
    expect(world.asked.at(-1)?.call).toMatchObject({ region: 'us-west-2', from: 'outside' });
  });

  test('a Region that is cut off is silent, and a request given up is never performed', async () => {
    world.cut.add('outside>us-west-2');
    const before = world.asked.length;
    const sent = send(EC2Client, new DescribeInstancesCommand({}), {
      region: 'us-west-2',
      requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
    });
    await expect(sent).rejects.toMatchObject({ name: 'TimeoutError' });
    world.cut.clear();
    expect(world.asked.length).toBe(before);
    await send(EC2Client, new DescribeInstancesCommand({}));
  });

  test('when only the way back is cut, the operation was performed', async () => {
    world.cut.add('us-west-2>outside');
    const before = world.asked.length;
    const sent = send(EC2Client, new DescribeInstancesCommand({}), {
      region: 'us-west-2',
      requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
    });
    await expect(sent).rejects.toMatchObject({ name: 'TimeoutError' });
    world.cut.clear();
    expect(world.asked.length).toBe(before + 1);
  });
});
