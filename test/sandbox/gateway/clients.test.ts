import { createHash } from 'node:crypto';
import { AutoScalingClient, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { CreateTagsCommand, DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateEventSourceMappingCommand, InvokeCommand, LambdaClient, ListTagsCommand } from '@aws-sdk/client-lambda';
import { DescribeDBInstancesCommand, PromoteReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** What a client sent arrives as it was given, and what the service answered comes back as it was answered. */
describe('SDK clients over a socket', () => {
  let world: World;
  const open: { destroy(): void }[] = [];
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => {
    for (const client of open) client.destroy();
    await world.close();
  });

  test('the id a client is told is the one its call goes by', async () => {
    const client = new STSClient(world.client);
    open.push(client);
    world.on('sts:GetCallerIdentity', () => ({}));
    const { $metadata } = await client.send(new GetCallerIdentityCommand({}));
    expect(world.asked.at(-1)?.call.requestId).toBe($metadata.requestId);
  });

  // biome-ignore lint/suspicious/noExplicitAny: clients and commands of 21 packages stand in one table.
  type Any = any;
  const at = new Date('2026-11-23T12:00:00.500Z');
  const second = new Date('2026-11-23T12:00:00Z');
  const bytes = Uint8Array.from([0, 1, 2, 250, 255]);
  const text = 'größer & <kleiner> "quoted" \'x\'\r\n end';

  const cases: [service: string, client: Any, command: Any, input: object, output: object][] = [
    [
      'ssm',
      SSMClient,
      GetParameterCommand,
      { Name: '/a/b', WithDecryption: true },
      { Parameter: { Name: '/a/b', Value: text, Version: 3, LastModifiedDate: at, Type: 'String' } },
    ],
    [
      'ssm',
      SSMClient,
      PutParameterCommand,
      { Name: text, Value: '', Overwrite: false, Tags: [{ Key: 'k', Value: 'v' }] },
      { Version: 1, Tier: 'Standard' },
    ],
    [
      'ssm',
      SSMClient,
      DescribeParametersCommand,
      { ParameterFilters: [{ Key: 'Path', Values: [] }] },
      { Parameters: [] },
    ],
    [
      'dynamodb',
      DynamoDBClient,
      PutItemCommand,
      {
        TableName: 't',
        Item: {
          pk: { S: 'a' },
          n: { N: '1.5' },
          b: { B: bytes },
          l: { L: [{ M: { x: { BOOL: false } } }] },
          bs: { BS: [bytes, bytes] },
          z: { NULL: true },
        },
        ConditionExpression: '#v = :v',
      },
      { Attributes: { pk: { S: 'a' } } },
    ],
    [
      'dynamodb',
      DynamoDBClient,
      QueryCommand,
      { TableName: 't', Limit: 5 },
      { Items: [{ b: { B: bytes } }], Count: 1, LastEvaluatedKey: { pk: { S: 'x' } } },
    ],
    [
      'sqs',
      SQSClient,
      SendMessageCommand,
      {
        QueueUrl: 'http://127.0.0.1/111122223333/q',
        MessageBody: text,
        MessageAttributes: { a: { DataType: 'Binary', BinaryValue: bytes } },
      },
      // The client checks this digest itself.
      { MessageId: 'm', MD5OfMessageBody: createHash('md5').update(text).digest('hex') },
    ],
    [
      'sqs',
      SQSClient,
      ReceiveMessageCommand,
      { QueueUrl: 'http://127.0.0.1/111122223333/q', MessageSystemAttributeNames: ['All'] },
      {
        Messages: [
          {
            MessageId: 'm',
            Body: text,
            MD5OfBody: createHash('md5').update(text).digest('hex'),
            Attributes: { SentTimestamp: '1' },
          },
        ],
      },
    ],
    [
      'sns',
      SNSClient,
      PublishCommand,
      {
        TopicArn: 'arn:aws:sns:us-east-1:111122223333:t',
        Message: text,
        MessageAttributes: {
          a: { DataType: 'String', StringValue: 'v' },
          b: { DataType: 'Binary', BinaryValue: bytes },
        },
      },
      { MessageId: 'm' },
    ],
    [
      'monitoring',
      CloudWatchClient,
      PutMetricDataCommand,
      {
        Namespace: 'N',
        MetricData: [{ MetricName: 'm', Value: 1.25, Timestamp: second, Dimensions: [{ Name: 'a', Value: 'b' }] }],
      },
      {},
    ],
    [
      'monitoring',
      CloudWatchClient,
      GetMetricDataCommand,
      { MetricDataQueries: [{ Id: 'a', Expression: 'x' }], StartTime: second, EndTime: second },
      { MetricDataResults: [{ Id: 'a', Timestamps: [second], Values: [1, 2.5] }] },
    ],
    [
      'rds',
      RDSClient,
      DescribeDBInstancesCommand,
      { DBInstanceIdentifier: 'photos', Filters: [{ Name: 'engine', Values: ['mysql', text] }] },
      {
        DBInstances: [
          {
            DBInstanceIdentifier: 'photos',
            MultiAZ: false,
            AllocatedStorage: 20,
            InstanceCreateTime: at,
            Endpoint: { Address: 'x', Port: 3306 },
            ReadReplicaDBInstanceIdentifiers: ['arn:a', 'arn:b'],
            VpcSecurityGroups: [],
          },
        ],
        Marker: text,
      },
    ],
    [
      'rds',
      RDSClient,
      PromoteReadReplicaCommand,
      { DBInstanceIdentifier: 'photos', BackupRetentionPeriod: 7 },
      { DBInstance: { DBInstanceStatus: 'modifying' } },
    ],
    [
      'ec2',
      EC2Client,
      DescribeInstancesCommand,
      { InstanceIds: ['i-1', 'i-2'], Filters: [{ Name: 'tag:a', Values: ['1', text] }] },
      {
        Reservations: [
          {
            ReservationId: 'r',
            Instances: [
              {
                InstanceId: 'i-1',
                LaunchTime: at,
                State: { Code: 16, Name: 'running' },
                Tags: [{ Key: 'k', Value: text }],
                EbsOptimized: true,
              },
            ],
          },
        ],
      },
    ],
    [
      'ec2',
      EC2Client,
      RunInstancesCommand,
      {
        ImageId: 'ami-1',
        MinCount: 1,
        MaxCount: 2,
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8, DeleteOnTermination: true } }],
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }],
        UserData: 'ZWNobw==',
        ClientToken: 'token',
      },
      { Instances: [{ InstanceId: 'i-9' }] },
    ],
    ['ec2', EC2Client, CreateTagsCommand, { Resources: ['i-1'], Tags: [{ Key: 'k', Value: 'v' }] }, {}],
    [
      'autoscaling',
      AutoScalingClient,
      UpdateAutoScalingGroupCommand,
      { AutoScalingGroupName: 'g', MinSize: 0, MaxSize: 4, DesiredCapacity: 2 },
      {},
    ],
    [
      'elasticloadbalancing',
      ElasticLoadBalancingV2Client,
      CreateTargetGroupCommand,
      { Name: 't', Port: 80, Protocol: 'HTTP', Matcher: { HttpCode: '200' } },
      { TargetGroups: [{ TargetGroupArn: 'arn:t', HealthCheckIntervalSeconds: 10 }] },
    ],
    [
      'elasticloadbalancing',
      ElasticLoadBalancingV2Client,
      DescribeTargetHealthCommand,
      { TargetGroupArn: 'arn:t', Targets: [{ Id: 'i-1', Port: 80 }] },
      { TargetHealthDescriptions: [{ Target: { Id: 'i-1' }, TargetHealth: { State: 'healthy' } }] },
    ],
    [
      'iam',
      IAMClient,
      CreateRoleCommand,
      { RoleName: 'r', AssumeRolePolicyDocument: '{"Version":"2012-10-17"}', Tags: [{ Key: 'a', Value: 'b' }] },
      { Role: { RoleName: 'r', Path: '/', RoleId: 'i', Arn: 'a', CreateDate: at, AssumeRolePolicyDocument: '%7B%7D' } },
    ],
    [
      'sts',
      STSClient,
      AssumeRoleCommand,
      { RoleArn: 'arn:aws:iam::111122223333:role/r', RoleSessionName: 's', DurationSeconds: 900 },
      { Credentials: { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't', Expiration: second } },
    ],
    ['sts', STSClient, GetCallerIdentityCommand, {}, { Account: '111122223333', Arn: 'a', UserId: 'u' }],
    [
      'cloudformation',
      CloudFormationClient,
      DescribeStacksCommand,
      { StackName: 's' },
      {
        Stacks: [
          {
            StackName: 's',
            CreationTime: at,
            StackStatus: 'CREATE_COMPLETE',
            Outputs: [{ OutputKey: 'k', OutputValue: text }],
            DisableRollback: false,
          },
        ],
      },
    ],
    [
      'lambda',
      LambdaClient,
      InvokeCommand,
      {
        FunctionName: 'arn:aws:lambda:us-east-1:111122223333:function:f',
        InvocationType: 'RequestResponse',
        LogType: 'Tail',
        Payload: bytes,
        Qualifier: 'live',
      },
      { StatusCode: 200, Payload: bytes, ExecutedVersion: '3', FunctionError: 'Unhandled' },
    ],
    [
      'lambda',
      LambdaClient,
      CreateEventSourceMappingCommand,
      { FunctionName: 'f', EventSourceArn: 'arn:aws:sqs:us-east-1:111122223333:q', Enabled: false, BatchSize: 5 },
      { UUID: 'u', State: 'Creating', LastModified: at },
    ],
    [
      'lambda',
      LambdaClient,
      ListTagsCommand,
      { Resource: 'arn:aws:lambda:us-east-1:111122223333:function:f' },
      { Tags: { a: text } },
    ],
    [
      'route53',
      Route53Client,
      ChangeResourceRecordSetsCommand,
      {
        HostedZoneId: 'Z1',
        ChangeBatch: {
          Comment: text,
          Changes: [
            {
              Action: 'UPSERT',
              ResourceRecordSet: {
                Name: 'a.example.',
                Type: 'A',
                SetIdentifier: 's',
                Failover: 'PRIMARY',
                AliasTarget: { HostedZoneId: 'Z2', DNSName: 'x', EvaluateTargetHealth: false },
              },
            },
          ],
        },
      },
      { ChangeInfo: { Id: '/change/C1', Status: 'PENDING', SubmittedAt: at } },
    ],
    [
      'route53',
      Route53Client,
      ListResourceRecordSetsCommand,
      { HostedZoneId: 'Z1', StartRecordName: 'a b+c', MaxItems: 5 },
      {
        ResourceRecordSets: [{ Name: 'a', Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: text }] }],
        IsTruncated: false,
        MaxItems: 5,
      },
    ],
    [
      'events',
      EventBridgeClient,
      PutEventsCommand,
      { Entries: [{ Source: 's', DetailType: 'd', Detail: '{"a":1}', Time: second }] },
      { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] },
    ],
    [
      'scheduler',
      SchedulerClient,
      CreateScheduleCommand,
      {
        Name: 'n',
        ScheduleExpression: 'rate(1 minute)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: 'a', RoleArn: 'r' },
        ClientToken: 'token',
      },
      { ScheduleArn: 'arn' },
    ],
    [
      'states',
      SFNClient,
      StartExecutionCommand,
      { stateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:dev-dr-failover', name: 'x' },
      { executionArn: 'e', startDate: at },
    ],
    [
      'logs',
      CloudWatchLogsClient,
      PutLogEventsCommand,
      { logGroupName: 'g', logStreamName: 's', logEvents: [{ timestamp: 1_700_000_000_123, message: text }] },
      { nextSequenceToken: 't' },
    ],
    [
      'kms',
      KMSClient,
      EncryptCommand,
      { KeyId: 'k', Plaintext: bytes, EncryptionContext: { a: 'b' } },
      { CiphertextBlob: bytes, KeyId: 'k' },
    ],
    [
      'secretsmanager',
      SecretsManagerClient,
      GetSecretValueCommand,
      { SecretId: 's' },
      { SecretString: text, SecretBinary: bytes, CreatedDate: at, VersionStages: ['AWSCURRENT'] },
    ],
  ];

  test.each(
    cases.map(
      ([service, client, command, input, output]) =>
        [`${service}:${command.name.replace(/Command$/, '')}`, client, command, input, output] as const,
    ),
  )('%s', async (name, Client, Command, input, output) => {
    world.on(name as `${string}:${string}`, () => output);
    const client = new Client(world.client);
    open.push(client);
    const { $metadata, ...answer } = await client.send(new Command(input));
    const asked = world.asked.at(-1);
    expect(`${asked?.service}:${asked?.operation}`).toBe(name);
    expect(asked?.input).toEqual(input);
    expect(asked?.call).toMatchObject({
      region: 'us-east-1',
      from: 'outside',
      principal: { kind: 'user', userName: 'ada' },
    });
    expect($metadata.httpStatusCode).toBeLessThan(300);
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    // The SDK wraps blob payloads in a class of its own.
    if ('Payload' in answer) answer.Payload = Uint8Array.from(answer.Payload);
    expect(answer).toEqual(output);
  });
});
