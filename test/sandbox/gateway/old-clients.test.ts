/** Clients of another age and language: the distribution's aws CLI and boto3, which speak query protocols to SQS and CloudWatch. */

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../../src/sandbox/contract.ts';
import type { World } from './world.ts';
import { accessKeyId, secretAccessKey, startWorld } from './world.ts';

const run = promisify(execFile);
const cli = '/usr/bin/aws';
const python = '/usr/bin/python3';
const boto = '/usr/lib/python3/dist-packages/boto3';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const env = {
  PATH: '/usr/bin:/bin',
  HOME: mkdtempSync(join(tmpdir(), 'pilot-light-home-')),
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_MAX_ATTEMPTS: '1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

const aws = async (...args: string[]): Promise<string> =>
  (await run(cli, ['--endpoint-url', world.client.endpoint, '--output', 'json', ...args], { env })).stdout;

describe.skipIf(!existsSync(cli))('the aws CLI of the distribution', () => {
  test("the seed's line starts an execution", async () => {
    world.on('states:StartExecution', () => ({ executionArn: 'arn:e', startDate: new Date('2026-11-23T12:00:00Z') }));
    const arn = 'arn:aws:states:us-west-2:111122223333:stateMachine:dev-dr-failover';
    const out = await aws(
      '--region',
      'us-west-2',
      'stepfunctions',
      'start-execution',
      '--state-machine-arn',
      arn,
      '--name',
      'x',
    );
    expect(JSON.parse(out)).toMatchObject({ executionArn: 'arn:e' });
    expect(world.asked.at(-1)).toMatchObject({
      operation: 'StartExecution',
      input: { stateMachineArn: arn, name: 'x' },
      call: { region: 'us-west-2' },
    });
  });

  test('a query service', async () => {
    world.on('rds:DescribeDBInstances', () => ({
      DBInstances: [{ DBInstanceIdentifier: 'photos', Endpoint: { Port: 3306 } }],
    }));
    const out = await aws('rds', 'describe-db-instances', '--filters', 'Name=engine,Values=mysql,postgres');
    expect(JSON.parse(out)).toEqual({ DBInstances: [{ DBInstanceIdentifier: 'photos', Endpoint: { Port: 3306 } }] });
    expect(world.asked.at(-1)?.input).toEqual({ Filters: [{ Name: 'engine', Values: ['mysql', 'postgres'] }] });
  });

  test('S3 copies up and down', async () => {
    const content = 'x'.repeat(100_000);
    let stored = '';
    world.on('s3:PutObject', async ({ Body }: { Body: Readable }) => {
      stored = await textOf(Body);
      return { ETag: '"e"' };
    });
    world.on('s3:HeadObject', () => ({ ContentLength: stored.length, LastModified: new Date(), ETag: '"e"' }));
    world.on('s3:GetObject', () => ({ Body: Readable.from([stored]), ContentLength: stored.length, ETag: '"e"' }));
    const file = join(env.HOME, 'up');
    writeFileSync(file, content);
    await aws('s3', 'cp', file, 's3://photos/a b/ö.txt');
    expect(world.asked.at(-1)?.input).toMatchObject({ Bucket: 'photos', Key: 'a b/ö.txt', ContentLength: 100_000 });
    expect(stored).toBe(content);
    expect(await aws('s3', 'cp', 's3://photos/a b/ö.txt', '-')).toBe(content);
  });

  test('errors are told by their code', async () => {
    world.on('ssm:GetParameter', () => {
      throw new AwsError('ParameterNotFound', 'no such parameter');
    });
    await expect(aws('ssm', 'get-parameter', '--name', 'n')).rejects.toMatchObject({
      stderr: expect.stringContaining('(ParameterNotFound)'),
    });
    await expect(aws('elb', 'describe-load-balancers')).rejects.toMatchObject({
      stderr: expect.stringContaining('2012-06-01'),
    });
    await expect(aws('ecr', 'describe-repositories')).rejects.toMatchObject({
      stderr: expect.stringContaining("doesn't have the service ecr"),
    });
  });
});

describe.skipIf(!existsSync(boto))('boto3 of the distribution', () => {
  const calls: [name: `${string}:${string}`, python: string, input: object, output: object, printed: object][] = [
    [
      'sqs:SendMessage',
      "sqs.send_message(QueueUrl='http://q/1/q', MessageBody='a & b', MessageAttributes={'k': {'DataType': 'String', 'StringValue': 'v'}})",
      {
        QueueUrl: 'http://q/1/q',
        MessageBody: 'a & b',
        MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } },
      },
      { MessageId: 'm', MD5OfMessageBody: '8b1dd7e56bd2e8fa1c4a0ca1dc0ff86d' },
      { MessageId: 'm' },
    ],
    [
      // Two members of the newer schema share one name on the query wire.
      'sqs:ReceiveMessage',
      "sqs.receive_message(QueueUrl='http://q/1/q', AttributeNames=['All'], WaitTimeSeconds=1)",
      { QueueUrl: 'http://q/1/q', AttributeNames: ['All'], MessageSystemAttributeNames: ['All'], WaitTimeSeconds: 1 },
      { Messages: [{ MessageId: 'm', Attributes: { SentTimestamp: '1' } }] },
      { Messages: [{ MessageId: 'm', Attributes: { SentTimestamp: '1' } }] },
    ],
    [
      'sqs:GetQueueAttributes',
      "sqs.get_queue_attributes(QueueUrl='http://q/1/q', AttributeNames=['QueueArn'])",
      { QueueUrl: 'http://q/1/q', AttributeNames: ['QueueArn'] },
      { Attributes: { QueueArn: 'arn' } },
      { Attributes: { QueueArn: 'arn' } },
    ],
    [
      'monitoring:PutMetricData',
      "cloudwatch.put_metric_data(Namespace='N', MetricData=[{'MetricName': 'm', 'Value': 1.5, 'Dimensions': [{'Name': 'a', 'Value': 'b'}]}])",
      { Namespace: 'N', MetricData: [{ MetricName: 'm', Value: 1.5, Dimensions: [{ Name: 'a', Value: 'b' }] }] },
      {},
      {},
    ],
    [
      'monitoring:DescribeAlarms',
      "cloudwatch.describe_alarms(AlarmNames=['a'])",
      { AlarmNames: ['a'] },
      { MetricAlarms: [{ AlarmName: 'a', Threshold: 1.5 }] },
      { MetricAlarms: [{ AlarmName: 'a', Threshold: 1.5 }] },
    ],
    [
      'ec2:DescribeInstances',
      "ec2.describe_instances(InstanceIds=['i-1'])",
      { InstanceIds: ['i-1'] },
      { Reservations: [{ Instances: [{ InstanceId: 'i-1', State: { Name: 'running' } }] }] },
      { Reservations: [{ Instances: [{ InstanceId: 'i-1', State: { Name: 'running' } }] }] },
    ],
    [
      'ec2:CreateTags',
      "ec2.create_tags(Resources=['i-1'], Tags=[{'Key': 'k', 'Value': 'v'}])",
      { Resources: ['i-1'], Tags: [{ Key: 'k', Value: 'v' }] },
      {},
      {},
    ],
    [
      'route53:ListResourceRecordSets',
      "route53.list_resource_record_sets(HostedZoneId='Z1')",
      { HostedZoneId: 'Z1' },
      {
        ResourceRecordSets: [{ Name: 'a.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '127.0.0.1' }] }],
        IsTruncated: false,
      },
      {
        ResourceRecordSets: [{ Name: 'a.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '127.0.0.1' }] }],
        IsTruncated: false,
      },
    ],
    [
      'route53:ChangeResourceRecordSets',
      "route53.change_resource_record_sets(HostedZoneId='Z1', ChangeBatch={'Changes': [{'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'a.', 'Type': 'A', 'TTL': 60, 'ResourceRecords': [{'Value': '127.0.0.1'}]}}]})",
      {
        HostedZoneId: 'Z1',
        ChangeBatch: {
          Changes: [
            {
              Action: 'CREATE',
              ResourceRecordSet: { Name: 'a.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '127.0.0.1' }] },
            },
          ],
        },
      },
      { ChangeInfo: { Id: 'c' } },
      { ChangeInfo: { Id: 'c' } },
    ],
    [
      'lambda:ListFunctions',
      'lambda_.list_functions(MaxItems=2)',
      { MaxItems: 2 },
      { Functions: [{ FunctionName: 'f', Timeout: 3 }] },
      { Functions: [{ FunctionName: 'f', Timeout: 3 }] },
    ],
    [
      's3:ListObjectsV2',
      "s3.list_objects_v2(Bucket='b', Prefix='a b')",
      { Bucket: 'b', Prefix: 'a b', EncodingType: 'url' },
      { Contents: [{ Key: 'a b/c+d', Size: 3 }], KeyCount: 1 },
      { Contents: [{ Key: 'a b/c+d', Size: 3 }], KeyCount: 1 },
    ],
    [
      's3:GetBucketLocation',
      "s3.get_bucket_location(Bucket='b')",
      { Bucket: 'b' },
      { LocationConstraint: 'us-west-2' },
      { LocationConstraint: 'us-west-2' },
    ],
    [
      's3:DeleteObjects',
      "s3.delete_objects(Bucket='b', Delete={'Objects': [{'Key': 'x'}]})",
      { Bucket: 'b', Delete: { Objects: [{ Key: 'x' }] } },
      { Deleted: [{ Key: 'x' }] },
      { Deleted: [{ Key: 'x' }] },
    ],
    [
      'dynamodb:GetItem',
      "dynamodb.get_item(TableName='photos', Key={'pk': {'B': b'\\x00\\x01'}})",
      { TableName: 'photos', Key: { pk: { B: Uint8Array.from([0, 1]) } } },
      { Item: { n: { N: '1' } } },
      { Item: { n: { N: '1' } } },
    ],
    ['sns:ListTopics', 'sns.list_topics()', {}, { Topics: [{ TopicArn: 'a' }] }, { Topics: [{ TopicArn: 'a' }] }],
    [
      'iam:GetRole',
      "iam.get_role(RoleName='r')",
      { RoleName: 'r' },
      { Role: { RoleName: 'r', AssumeRolePolicyDocument: '%7B%22a%22%3A1%7D' } },
      { Role: { RoleName: 'r', AssumeRolePolicyDocument: { a: 1 } } },
    ],
    [
      'sts:GetCallerIdentity',
      'sts.get_caller_identity()',
      {},
      { Account: '111122223333' },
      { Account: '111122223333' },
    ],
    [
      'elasticloadbalancing:DescribeTargetHealth',
      "elbv2.describe_target_health(TargetGroupArn='a')",
      { TargetGroupArn: 'a' },
      { TargetHealthDescriptions: [{ Target: { Id: 'i', Port: 80 } }] },
      { TargetHealthDescriptions: [{ Target: { Id: 'i', Port: 80 } }] },
    ],
    [
      'autoscaling:DescribeAutoScalingGroups',
      "autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=['g'])",
      { AutoScalingGroupNames: ['g'] },
      { AutoScalingGroups: [{ AutoScalingGroupName: 'g', MinSize: 0 }] },
      { AutoScalingGroups: [{ AutoScalingGroupName: 'g', MinSize: 0 }] },
    ],
    [
      'events:PutEvents',
      "events.put_events(Entries=[{'Source': 's', 'DetailType': 'd', 'Detail': '{}'}])",
      { Entries: [{ Source: 's', DetailType: 'd', Detail: '{}' }] },
      { FailedEntryCount: 0 },
      { FailedEntryCount: 0 },
    ],
    [
      'scheduler:ListSchedules',
      'scheduler.list_schedules(MaxResults=3)',
      { MaxResults: 3 },
      { Schedules: [{ Name: 'n' }] },
      { Schedules: [{ Name: 'n' }] },
    ],
    [
      'logs:DescribeLogGroups',
      'logs.describe_log_groups()',
      {},
      { logGroups: [{ logGroupName: 'g' }] },
      { logGroups: [{ logGroupName: 'g' }] },
    ],
    [
      'kms:DescribeKey',
      "kms.describe_key(KeyId='k')",
      { KeyId: 'k' },
      { KeyMetadata: { KeyId: 'k', Enabled: true } },
      { KeyMetadata: { KeyId: 'k', Enabled: true } },
    ],
    [
      'secretsmanager:ListSecrets',
      'secretsmanager.list_secrets()',
      {},
      { SecretList: [{ Name: 's' }] },
      { SecretList: [{ Name: 's' }] },
    ],
    [
      'cloudformation:DescribeStacks',
      "cloudformation.describe_stacks(StackName='s')",
      { StackName: 's' },
      { Stacks: [{ StackName: 's' }] },
      { Stacks: [{ StackName: 's' }] },
    ],
    [
      'ssm:PutParameter',
      "ssm.put_parameter(Name='n', Value='v', Type='String', Overwrite=True)",
      { Name: 'n', Value: 'v', Type: 'String', Overwrite: true },
      { Version: 2 },
      { Version: 2 },
    ],
    ['rds:DescribeDBInstances', 'rds.describe_db_instances()', {}, { DBInstances: [] }, { DBInstances: [] }],
  ];

  test('every service', async () => {
    for (const [name, , , output] of calls) world.on(name, () => output);
    const script = `
import boto3, json, re, warnings
warnings.simplefilter('ignore')
class Lazy(dict):
    def __missing__(self, name):
        self[name] = boto3.client(name.rstrip('_'), endpoint_url='${world.client.endpoint}')
        return self[name]
scope = Lazy()
for line in ${JSON.stringify(calls.map(([, call]) => call))}:
    try:
        answer = eval(line, {}, scope)
        answer.pop('ResponseMetadata', None)
        print(json.dumps(answer, default=str))
    except Exception as error:
        print(json.dumps({'error': str(error)}))
`;
    const before = world.asked.length;
    const { stdout } = await run(python, ['-c', script], { env });
    const printed = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(printed).toEqual(
      calls.map(([, , , , expected]) => expected).map((expected) => expect.objectContaining(expected)),
    );
    const asked = world.asked.slice(before);
    expect(asked.map(({ service, operation }) => `${service}:${operation}`)).toEqual(calls.map(([name]) => name));
    for (const [index, [, , input]] of calls.entries()) expect(asked[index]?.input).toEqual(input);
  });

  test('modelled errors become the classes of its clients', async () => {
    world.on('sqs:GetQueueUrl', () => {
      throw new AwsError('QueueDoesNotExist', 'gone');
    });
    const script = `
import boto3
sqs = boto3.client('sqs', endpoint_url='${world.client.endpoint}')
try:
    sqs.get_queue_url(QueueName='q')
except sqs.exceptions.QueueDoesNotExist as error:
    print(error.response['Error']['Code'])
`;
    expect((await run(python, ['-c', script], { env })).stdout.trim()).toBe('AWS.SimpleQueueService.NonExistentQueue');
  });
});
