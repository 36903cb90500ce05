/**
 * A small application deployed by CloudFormation (a group of instances behind a load balancer, a function behind a queue), in a sandbox
 * that is killed in the middle of its creation, then stopped in order, then killed again: the stack is made once, and all of it works.
 */

import { Resolver } from 'node:dns/promises';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeInstancesCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { zip } from '../functions/zip.ts';
import { type Program, startProgram } from './program.ts';

interface Said {
  readonly endpoint: string;
  readonly administrator: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly dns: { readonly host: string; readonly port: number };
}

const server = `
import { createServer } from 'node:http';
createServer((request, response) => response.end('hello')).listen(8080, process.env.ADDRESS);
`;
const handler = `
exports.handler = async ({ Records }) => {
  for (const { body } of Records) console.log('done ' + body);
};
`;

test('a stack whose creation was cut short is made once, and works in every later life', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stack-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const image = join(folder, 'image');
  mkdirSync(image);
  writeFileSync(join(image, 'server.mjs'), server);
  const args = [join(folder, 'kept'), image];
  let program: Program<Said> = await startProgram('./kept-aws.ts', args);
  const { said } = program;
  const common = { endpoint: said.endpoint, region: 'us-east-1', credentials: { ...said.administrator } };
  const cloudformation = new CloudFormationClient(common);
  const sqs = new SQSClient(common);
  const logs = new CloudWatchLogsClient(common);
  const ec2 = new EC2Client(common);
  const scaling = new AutoScalingClient(common);
  const again = async (signal: NodeJS.Signals): Promise<void> => {
    await program.kill(signal);
    program = await startProgram('./kept-aws.ts', args);
    // The environment a client was given stays valid.
    expect({ ...program.said, dns: said.dns }).toEqual(said);
  };
  const stack = async () => (await cloudformation.send(new DescribeStacksCommand({ StackName: 'app' }))).Stacks?.[0];

  const s3 = new S3Client({ ...common, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
  await s3.send(new PutObjectCommand({ Bucket: 'code', Key: 'function.zip', Body: zip({ 'index.js': handler }) }));
  await cloudformation.send(
    new CreateStackCommand({
      StackName: 'app',
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_IAM'],
    }),
  );
  // Some of it is there, some is being made, the rest is to come.
  for (const wanted of [4, 12]) {
    for (;;) {
      const found = await cloudformation.send(new DescribeStackResourcesCommand({ StackName: 'app' }));
      const made = found.StackResources?.filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_COMPLETE') ?? [];
      if (made.length >= wanted) break;
      expect((await stack())?.StackStatus).toBe('CREATE_IN_PROGRESS');
      await pause(20);
    }
    await again('SIGKILL');
  }
  while ((await stack())?.StackStatus?.endsWith('_IN_PROGRESS')) await pause(100);
  const { StackEvents = [] } = await cloudformation.send(new DescribeStackEventsCommand({ StackName: 'app' }));
  const failures = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'));
  expect(failures.map(({ LogicalResourceId: id, ResourceStatusReason: why }) => `${id}: ${why}`)).toEqual([]);
  expect((await stack())?.StackStatus).toBe('CREATE_COMPLETE');
  const vpcs = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'tag:Name', Values: ['app'] }] }));
  expect(vpcs.Vpcs).toHaveLength(1);

  const output = async (key: string): Promise<string> =>
    (await stack())?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
  const works = async (name: string): Promise<void> => {
    await sqs.send(new SendMessageCommand({ QueueUrl: await output('Queue'), MessageBody: name }));
    for (;;) {
      const group = `/aws/lambda/${await output('Function')}`;
      const found = await logs.send(new FilterLogEventsCommand({ logGroupName: group })).catch(() => undefined);
      if (found?.events?.some(({ message }) => message?.includes(`done ${name}`))) break;
      await pause(50);
    }
    const resolver = new Resolver();
    resolver.setServers([`${program.said.dns.host}:${program.said.dns.port}`]);
    const [address = ''] = await resolver.resolve4(await output('Name'));
    for (;;) {
      const answer = await fetch(`http://${address}:8080/`).catch(() => undefined);
      if (answer?.status === 200) {
        expect(await answer.text()).toBe('hello');
        break;
      }
      await pause(50);
    }
    const { AutoScalingGroups = [] } = await scaling.send(new DescribeAutoScalingGroupsCommand({}));
    expect(AutoScalingGroups[0]?.Instances).toHaveLength(2);
    const { Reservations = [] } = await ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running'] }] }),
    );
    expect(Reservations.flatMap(({ Instances = [] }) => Instances)).toHaveLength(2);
  };
  await works('first');
  await again('SIGTERM');
  await works('second');
  await again('SIGKILL');
  await works('third');

  await cloudformation.send(new DeleteStackCommand({ StackName: 'app' }));
  await pause(200);
  await again('SIGKILL');
  for (;;) {
    const found = await cloudformation.send(new DescribeStacksCommand({ StackName: 'app' })).catch(() => undefined);
    if (found === undefined) break;
    expect(found.Stacks?.[0]?.StackStatus).toBe('DELETE_IN_PROGRESS');
    await pause(100);
  }
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'tag:Name', Values: ['app'] }] }));
  expect(Vpcs).toEqual([]);
}, 200_000);

const ref = (Ref: string) => ({ Ref });
const att = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });
const zone = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
const role = (service: string, statement: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statement } }],
  },
});
const subnet = (index: number) => ({
  Type: 'AWS::EC2::Subnet',
  Properties: { VpcId: ref('Vpc'), CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: zone(index) },
});
const association = (index: number) => ({
  Type: 'AWS::EC2::SubnetRouteTableAssociation',
  Properties: { SubnetId: ref(`Subnet${index}`), RouteTableId: ref('Routes') },
});

const template = {
  Resources: {
    Vpc: {
      Type: 'AWS::EC2::VPC',
      Properties: { CidrBlock: '10.0.0.0/16', Tags: [{ Key: 'Name', Value: 'app' }] },
    },
    Gateway: { Type: 'AWS::EC2::InternetGateway' },
    Attachment: {
      Type: 'AWS::EC2::VPCGatewayAttachment',
      Properties: { VpcId: ref('Vpc'), InternetGatewayId: ref('Gateway') },
    },
    Subnet0: subnet(0),
    Subnet1: subnet(1),
    Routes: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc') } },
    Out: {
      Type: 'AWS::EC2::Route',
      DependsOn: 'Attachment',
      Properties: { RouteTableId: ref('Routes'), DestinationCidrBlock: '0.0.0.0/0', GatewayId: ref('Gateway') },
    },
    Association0: association(0),
    Association1: association(1),
    Open: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        GroupDescription: 'all may come in',
        VpcId: ref('Vpc'),
        SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 0, ToPort: 65535, CidrIp: '0.0.0.0/0' }],
      },
    },
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      DependsOn: ['Out', 'Association0', 'Association1'],
      Properties: {
        Scheme: 'internet-facing',
        Subnets: [ref('Subnet0'), ref('Subnet1')],
        SecurityGroups: [att('Open', 'GroupId')],
      },
    },
    Targets: {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      Properties: {
        VpcId: ref('Vpc'),
        Port: 8080,
        Protocol: 'HTTP',
        TargetType: 'instance',
        HealthCheckIntervalSeconds: 10,
        HealthyThresholdCount: 2,
      },
    },
    Listener: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: ref('Balancer'),
        // The network of the sandbox binds port 80 at 8080.
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
      },
    },
    Launch: {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: {
        LaunchTemplateData: {
          ImageId: 'ami-0a0b0c0d0e0f0a0b0',
          InstanceType: 't3.micro',
          SecurityGroupIds: [att('Open', 'GroupId')],
        },
      },
    },
    Group: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      DependsOn: 'Listener',
      Properties: {
        MinSize: '2',
        MaxSize: '2',
        VPCZoneIdentifier: [ref('Subnet0'), ref('Subnet1')],
        TargetGroupARNs: [ref('Targets')],
        LaunchTemplate: { LaunchTemplateId: ref('Launch'), Version: att('Launch', 'LatestVersionNumber') },
      },
    },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
    Role: role('lambda.amazonaws.com', [{ Effect: 'Allow', Action: ['sqs:*', 'logs:*'], Resource: '*' }]),
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: att('Role', 'Arn'),
        Timeout: 30,
        Code: { S3Bucket: 'code', S3Key: 'function.zip' },
      },
    },
    Source: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { FunctionName: ref('Function'), EventSourceArn: att('Queue', 'Arn'), BatchSize: 1 },
    },
  },
  Outputs: {
    Queue: { Value: ref('Queue') },
    Function: { Value: ref('Function') },
    Name: { Value: att('Balancer', 'DNSName') },
  },
};
