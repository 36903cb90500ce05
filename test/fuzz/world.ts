/** A whole sandbox on the wire, with one thing of every kind in it, so that requests get further than "no such thing". */

import { startAws } from '../../src/sandbox/aws.ts';
import type { ServiceName } from '../../src/sandbox/contract.ts';
import type { Api } from '../../src/sandbox/protocols/api.ts';
import { apiOf, servicesOnTheWire } from '../../src/sandbox/protocols/api.ts';
import { zip } from '../sandbox/functions/zip.ts';
import type { Keys } from './sign.ts';
import type { Known } from './values.ts';

export interface FuzzWorld extends AsyncDisposable {
  readonly endpoint: string;
  readonly keys: Keys;
  readonly apis: readonly Api[];
  /** The operations that are served, by service. */
  readonly served: ReadonlyMap<ServiceName, readonly string[]>;
  /** Values that exist, by the lower-case names of members that ask for such. */
  readonly known: Known;
  /** What the sandbox wrote to its log as an error, since it was last asked. */
  errors(): string[];
}

const region = 'us-east-1';

export async function startFuzzWorld(): Promise<FuzzWorld> {
  const errors: string[] = [];
  const sandbox = await startAws({
    regions: [region, 'us-west-2'],
    account: '111122223333',
    speed: 20,
    seed: 1,
    images: {},
    signals: false,
    onLog: ({ service, text, error }) => {
      if (error === undefined) return;
      errors.push(`[${service}] ${text}\n${error instanceof Error ? error.stack : JSON.stringify(error)}`);
    },
  });
  const { core, dispatcher, administrator } = sandbox;
  const principal = core.as('fuzz');
  const ask = (service: ServiceName, operation: string, input: object): Promise<Record<string, never>> =>
    core.invoke({ service, operation, region, input, principal });
  const known = await furnish(ask, sandbox.endpoint);
  const apis = await Promise.all(servicesOnTheWire.map(apiOf));
  return {
    endpoint: sandbox.endpoint,
    keys: administrator,
    apis,
    served: new Map(dispatcher.services.map(({ name, operations }) => [name, Object.keys(operations)])),
    known,
    errors: () => errors.splice(0),
    [Symbol.asyncDispose]: () => sandbox.stop(),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: outputs of many operations, of which a name or an ARN is read.
type Ask = (service: ServiceName, operation: string, input: object) => Promise<Record<string, any>>;

async function furnish(ask: Ask, endpoint: string): Promise<Known> {
  const name = 'fuzz';
  const anybody = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: ['lambda.amazonaws.com', 'states.amazonaws.com', 'ec2.amazonaws.com'] },
        Action: 'sts:AssumeRole',
      },
    ],
  });
  const role = await ask('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: anybody });
  await ask('iam', 'CreateUser', { UserName: name });
  const roleArn: string = role.Role.Arn;
  await ask('s3', 'CreateBucket', { Bucket: 'fuzz-bucket' });
  await ask('s3', 'PutBucketVersioning', { Bucket: 'fuzz-bucket', VersioningConfiguration: { Status: 'Enabled' } });
  const queue = await ask('sqs', 'CreateQueue', { QueueName: name });
  const topic = await ask('sns', 'CreateTopic', { Name: name });
  await ask('dynamodb', 'CreateTable', {
    TableName: name,
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await ask('ssm', 'PutParameter', { Name: '/fuzz/parameter', Value: 'v', Type: 'String' });
  const secret = await ask('secretsmanager', 'CreateSecret', { Name: name, SecretString: '{"a":1}' });
  const key = await ask('kms', 'CreateKey', {});
  await ask('kms', 'CreateAlias', { AliasName: 'alias/fuzz', TargetKeyId: key.KeyMetadata.KeyId });
  await ask('events', 'PutRule', { Name: name, EventPattern: '{"source":["a"]}' });
  await ask('logs', 'CreateLogGroup', { logGroupName: name });
  await ask('logs', 'CreateLogStream', { logGroupName: name, logStreamName: name });
  await ask('monitoring', 'PutMetricAlarm', {
    AlarmName: name,
    Namespace: 'N',
    MetricName: 'm',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
  });
  const zone = await ask('route53', 'CreateHostedZone', { Name: 'fuzz.example', CallerReference: '1' });
  const vpc = await ask('ec2', 'CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const VpcId: string = vpc.Vpc.VpcId;
  const subnet = await ask('ec2', 'CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' });
  const group = await ask('ec2', 'CreateSecurityGroup', { VpcId, GroupName: name, Description: 'd' });
  const template = await ask('ec2', 'CreateLaunchTemplate', {
    LaunchTemplateName: name,
    LaunchTemplateData: { InstanceType: 't3.micro' },
  });
  const target = await ask('elasticloadbalancing', 'CreateTargetGroup', {
    Name: name,
    Protocol: 'HTTP',
    Port: 80,
    VpcId,
  });
  const machine = await ask('states', 'CreateStateMachine', {
    name,
    roleArn,
    definition: '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
  });
  await ask('rds', 'CreateDBParameterGroup', {
    DBParameterGroupName: name,
    DBParameterGroupFamily: 'mysql8.0',
    Description: 'd',
  });
  const code = zip({ 'index.mjs': 'export const handler = async (event) => event' });
  const lambda = await ask('lambda', 'CreateFunction', {
    FunctionName: name,
    Role: roleArn,
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Code: { ZipFile: code },
  });
  await ask('cloudformation', 'CreateStack', {
    StackName: name,
    TemplateBody: '{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}}}',
  });

  const known: Record<string, string[]> = {
    bucket: ['fuzz-bucket'],
    key: ['a', 'b/c', 'ü'],
    queueurl: [queue.QueueUrl],
    topicarn: [topic.TopicArn],
    tablename: [name],
    parameter: ['/fuzz/parameter'],
    name: [name, '/fuzz/parameter', 'fuzz.example'],
    names: [name, '/fuzz/parameter'],
    path: ['/', '/fuzz'],
    secretid: [name, secret.ARN],
    keyid: [key.KeyMetadata.KeyId, key.KeyMetadata.Arn, 'alias/fuzz'],
    aliasname: ['alias/fuzz'],
    rule: [name],
    eventbusname: ['default'],
    loggroupname: [name],
    logstreamname: [name],
    alarmname: [name],
    alarmnames: [name],
    hostedzoneid: [zone.HostedZone.Id.replace('/hostedzone/', '')],
    vpcid: [VpcId],
    subnetid: [subnet.Subnet.SubnetId],
    subnets: [subnet.Subnet.SubnetId],
    groupid: [group.GroupId],
    securitygroupids: [group.GroupId],
    launchtemplateid: [template.LaunchTemplate.LaunchTemplateId],
    launchtemplatename: [name],
    targetgrouparn: [target.TargetGroups[0].TargetGroupArn],
    statemachinearn: [machine.stateMachineArn],
    rolename: [name],
    username: [name],
    rolearn: [roleArn],
    role: [roleArn],
    functionname: [name, lambda.FunctionArn],
    stackname: [name],
    dbparametergroupname: [name, 'default.mysql8.0'],
    resourcearn: [roleArn, queue.QueueUrl, topic.TopicArn, machine.stateMachineArn, secret.ARN],
    arn: [roleArn, secret.ARN],
    cidrblock: ['10.0.1.0/24'],
    attributename: ['pk', 'sk', 'a'],
    type: ['String', 'SecureString', 'A', 'HTTP', 'CNAME'],
    value: ['v', '1'],
    s: ['a'],
    n: ['1', '1e200', '-0.5'],
    templateurl: [`${endpoint}/fuzz-bucket/a`],
    nexttoken: ['AAAA', name],
    marker: ['AAAA', name],
    protocol: ['HTTP', 'sqs', 'tcp', '-1'],
    runtime: ['nodejs20.x'],
    engine: ['mysql'],
  };
  return new Map(Object.entries(known));
}
