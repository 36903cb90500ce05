/** One error of every service, over every protocol, as the class its client has for it; and the ids by which a call is found again. */

import { AutoScalingClient, DescribeAutoScalingGroupsCommand, InvalidNextToken } from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  ResourceNotFound,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  ResourceNotFoundException as NoSuchLogGroup,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  ResourceNotFoundException as NoSuchTable,
} from '@aws-sdk/client-dynamodb';
import { DescribeVpcsCommand, EC2Client, EC2ServiceException } from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  LoadBalancerNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ResourceNotFoundException as NoSuchRule,
} from '@aws-sdk/client-eventbridge';
import { GetRoleCommand, IAMClient, ListRolesCommand, NoSuchEntityException } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, KMSClient, ListKeysCommand, NotFoundException as NoSuchKey } from '@aws-sdk/client-kms';
import {
  GetFunctionCommand,
  LambdaClient,
  ListFunctionsCommand,
  ResourceNotFoundException as NoSuchFunction,
} from '@aws-sdk/client-lambda';
import { DBInstanceNotFoundFault, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  GetHostedZoneCommand,
  ListHostedZonesCommand,
  NoSuchHostedZone,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { GetObjectCommand, ListBucketsCommand, NoSuchBucket, S3Client } from '@aws-sdk/client-s3';
import {
  GetScheduleCommand,
  ListSchedulesCommand,
  ResourceNotFoundException as NoSuchSchedule,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import {
  DescribeSecretCommand,
  ListSecretsCommand,
  ResourceNotFoundException as NoSuchSecret,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  DescribeStateMachineCommand,
  ListStateMachinesCommand,
  SFNClient,
  StateMachineDoesNotExist,
} from '@aws-sdk/client-sfn';
import {
  GetTopicAttributesCommand,
  ListTopicsCommand,
  NotFoundException as NoSuchTopic,
  SNSClient,
} from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, ListQueuesCommand, QueueDoesNotExist, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeParametersCommand, GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient, STSServiceException } from '@aws-sdk/client-sts';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { contractCase, refused } from '../contract.ts';

// biome-ignore lint/suspicious/noExplicitAny: clients, commands and exceptions of 21 packages stand in one table.
type Any = any;

interface Row {
  readonly client: Any;
  /** A call that is answered, and one that isn't. */
  readonly asks: Any;
  readonly fails: Any;
  /** The exception's class, its name where the service models none by it, and its status. */
  readonly error: readonly [exception: Any, name: string, status: number];
  readonly fields?: object;
}

const none = 'pl-contract-none';

const rows = ({ region, account }: ContractTarget): Readonly<Record<string, Row>> => ({
  autoscaling: {
    client: AutoScalingClient,
    asks: new DescribeAutoScalingGroupsCommand({ MaxRecords: 1 }),
    fails: new DescribeAutoScalingGroupsCommand({ NextToken: 'nonsense' }),
    error: [InvalidNextToken, 'InvalidNextToken', 400],
  },
  cloudformation: {
    client: CloudFormationClient,
    asks: new ListStacksCommand({}),
    fails: new DescribeStacksCommand({ StackName: none }),
    error: [CloudFormationServiceException, 'ValidationError', 400],
  },
  cloudwatch: {
    client: CloudWatchClient,
    asks: new DescribeAlarmsCommand({ MaxRecords: 1 }),
    fails: new SetAlarmStateCommand({ AlarmName: none, StateValue: 'OK', StateReason: 'contract' }),
    error: [ResourceNotFound, 'ResourceNotFound', 404],
  },
  logs: {
    client: CloudWatchLogsClient,
    asks: new DescribeLogGroupsCommand({ limit: 1 }),
    fails: new DescribeLogStreamsCommand({ logGroupName: none }),
    error: [NoSuchLogGroup, 'ResourceNotFoundException', 400],
  },
  dynamodb: {
    client: DynamoDBClient,
    asks: new ListTablesCommand({ Limit: 1 }),
    fails: new DescribeTableCommand({ TableName: none }),
    error: [NoSuchTable, 'ResourceNotFoundException', 400],
  },
  ec2: {
    client: EC2Client,
    asks: new DescribeVpcsCommand({}),
    fails: new DescribeVpcsCommand({ VpcIds: ['vpc-0123456789abcdef0'] }),
    error: [EC2ServiceException, 'InvalidVpcID.NotFound', 400],
  },
  elasticloadbalancing: {
    client: ElasticLoadBalancingV2Client,
    asks: new DescribeLoadBalancersCommand({}),
    fails: new DescribeLoadBalancersCommand({ Names: [none] }),
    error: [LoadBalancerNotFoundException, 'LoadBalancerNotFoundException', 400],
  },
  events: {
    client: EventBridgeClient,
    asks: new ListRulesCommand({ Limit: 1 }),
    fails: new DescribeRuleCommand({ Name: none }),
    error: [NoSuchRule, 'ResourceNotFoundException', 400],
  },
  iam: {
    client: IAMClient,
    asks: new ListRolesCommand({ MaxItems: 1 }),
    fails: new GetRoleCommand({ RoleName: none }),
    error: [NoSuchEntityException, 'NoSuchEntityException', 404],
  },
  kms: {
    client: KMSClient,
    asks: new ListKeysCommand({ Limit: 1 }),
    fails: new DescribeKeyCommand({ KeyId: '11111111-1111-4111-8111-111111111111' }),
    error: [NoSuchKey, 'NotFoundException', 404],
  },
  lambda: {
    client: LambdaClient,
    asks: new ListFunctionsCommand({ MaxItems: 1 }),
    fails: new GetFunctionCommand({ FunctionName: none }),
    error: [NoSuchFunction, 'ResourceNotFoundException', 404],
    fields: { Type: 'User' },
  },
  rds: {
    client: RDSClient,
    asks: new DescribeDBInstancesCommand({ MaxRecords: 20 }),
    fails: new DescribeDBInstancesCommand({ DBInstanceIdentifier: none }),
    error: [DBInstanceNotFoundFault, 'DBInstanceNotFoundFault', 404],
  },
  route53: {
    client: Route53Client,
    asks: new ListHostedZonesCommand({ MaxItems: 1 }),
    fails: new GetHostedZoneCommand({ Id: 'Z0000000NONE' }),
    error: [NoSuchHostedZone, 'NoSuchHostedZone', 404],
  },
  s3: {
    client: S3Client,
    asks: new ListBucketsCommand({ MaxBuckets: 1 }),
    fails: new GetObjectCommand({ Bucket: `${none}-${account}`, Key: 'k' }),
    error: [NoSuchBucket, 'NoSuchBucket', 404],
  },
  scheduler: {
    client: SchedulerClient,
    asks: new ListSchedulesCommand({ MaxResults: 1 }),
    fails: new GetScheduleCommand({ Name: none }),
    error: [NoSuchSchedule, 'ResourceNotFoundException', 404],
  },
  secretsmanager: {
    client: SecretsManagerClient,
    asks: new ListSecretsCommand({ MaxResults: 1 }),
    fails: new DescribeSecretCommand({ SecretId: none }),
    error: [NoSuchSecret, 'ResourceNotFoundException', 400],
  },
  states: {
    client: SFNClient,
    asks: new ListStateMachinesCommand({ maxResults: 1 }),
    fails: new DescribeStateMachineCommand({
      stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:${none}`,
    }),
    error: [StateMachineDoesNotExist, 'StateMachineDoesNotExist', 400],
  },
  sns: {
    client: SNSClient,
    asks: new ListTopicsCommand({}),
    fails: new GetTopicAttributesCommand({ TopicArn: `arn:aws:sns:${region}:${account}:${none}` }),
    error: [NoSuchTopic, 'NotFoundException', 404],
  },
  sqs: {
    client: SQSClient,
    asks: new ListQueuesCommand({ MaxResults: 1 }),
    fails: new GetQueueUrlCommand({ QueueName: none }),
    error: [QueueDoesNotExist, 'QueueDoesNotExist', 400],
    // The code of the query protocol, which this service's clients went by for years.
    fields: { Code: 'AWS.SimpleQueueService.NonExistentQueue' },
  },
  ssm: {
    client: SSMClient,
    asks: new DescribeParametersCommand({ MaxResults: 1 }),
    fails: new GetParameterCommand({ Name: `/${none}` }),
    error: [ParameterNotFound, 'ParameterNotFound', 400],
  },
  sts: {
    client: STSClient,
    asks: new GetCallerIdentityCommand({}),
    fails: new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/${none}`, RoleSessionName: 'contract' }),
    error: [STSServiceException, 'AccessDenied', 403],
  },
});

export const errors = [
  contractCase(
    'an error of every service arrives as its class, and every answer with its request id',
    async (target) => {
      const wrong: string[] = [];
      for (const [service, row] of Object.entries(rows(target))) {
        const client = target.client<Any>(row.client);
        const [exception, name, status] = row.error;
        try {
          const { $metadata } = await client.send(row.asks);
          expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(/\S/) });
          await refused(client.send(row.fails), exception, status, {
            name,
            message: expect.stringMatching(/\S/),
            ...row.fields,
          });
          // By its second id too, AWS's people find a request to S3.
          if (service === 's3') expect($metadata.extendedRequestId).toMatch(/\S/);
        } catch (error) {
          wrong.push(`${service}: ${String(error)}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  ),
];
