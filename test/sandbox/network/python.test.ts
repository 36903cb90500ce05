/** A program of another language on an instance: it stands where its instance does, with its instance's credentials. */

import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningAws } from '../../../src/sandbox/aws.ts';
import { startAws } from '../../../src/sandbox/aws.ts';
import { instanceFolder } from '../../../src/sandbox/instances/image-folders.ts';
import { serviceNameOf } from '../../../src/sandbox/services/ec2/vpc-endpoints.ts';
import { appImage, group, network } from '../services/ec2/ec2-sandbox.ts';
import { allow, policy, trusting } from '../services/iam/iam-sandbox.ts';

const region = 'us-east-1';
const account = '111122223333';
const python = '/usr/bin/python3';
const boto = '/usr/lib/python3/dist-packages/boto3';

/** Asks for the queues again and again, and writes down how each asking went. */
const program = `
import os, time, boto3
from botocore.config import Config
patience = Config(connect_timeout=1, read_timeout=1, retries={'total_max_attempts': 1})
queues = boto3.client('sqs', endpoint_url=os.environ['AWS_ENDPOINT_URL'], config=patience)
while True:
    try:
        queues.list_queues()
        word = 'answered'
    except Exception as error:
        word = type(error).__name__
    with open('outcomes', 'a') as file:
        file.write(word + '\\n')
    time.sleep(0.1)
`;

let aws: RunningAws;
const logged: string[] = [];

const call = <Output = Record<string, unknown>>(service: 'ec2' | 'iam', operation: string, input: object) =>
  aws.core.invoke<Output>({ service, operation, region, input, principal: aws.core.as('test') });

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-python-'));
  writeFileSync(join(folder, 'app.py'), program);
  aws = await startAws({
    regions: [region],
    account,
    speed: 'max',
    seed: 1,
    images: { [appImage]: { folder, command: [python, 'app.py'] } },
    signals: false,
    onLog: ({ service, text }) => {
      if (service === 'network') logged.push(text);
    },
  });
});
afterAll(() => aws.stop());

describe.skipIf(!existsSync(boto))('boto3 on an instance of a private subnet', () => {
  test('reaches an API only where its VPC lets it, and is known by its instance', { timeout: 60_000 }, async () => {
    const net = await network({ ec2: (name, input) => call('ec2', name, input) });
    const open = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    const groupId = await group({ ec2: (name, input) => call('ec2', name, input) }, net.vpcId, 'endpoint');
    await call('ec2', 'AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions: open });
    await call('iam', 'CreateRole', {
      RoleName: 'app',
      AssumeRolePolicyDocument: trusting({ Service: 'ec2.amazonaws.com' }),
    });
    const instances = `arn:aws:ec2:${region}:${account}:instance/*`;
    const Condition = {
      ArnLike: { 'ec2:SourceInstanceARN': instances },
      StringEquals: { 'aws:Ec2InstanceSourceVpc': net.vpcId, 'aws:SourceVpc': net.vpcId },
    };
    const PolicyDocument = policy(allow('sqs:ListQueues', '*', { Condition }));
    await call('iam', 'PutRolePolicy', { RoleName: 'app', PolicyName: 'own', PolicyDocument });
    await call('iam', 'CreateInstanceProfile', { InstanceProfileName: 'app' });
    await call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: 'app', RoleName: 'app' });
    const { Instances } = await call<{ Instances: { InstanceId: string }[] }>('ec2', 'RunInstances', {
      ImageId: appImage,
      MinCount: 1,
      MaxCount: 1,
      SubnetId: net.privateSubnets[0],
      SecurityGroupIds: [net.groupId],
      IamInstanceProfile: { Name: 'app' },
    });
    const id = Instances[0]?.InstanceId ?? '';
    const outcomes = (): string[] => {
      const file = join(instanceFolder(aws.core, region, id), 'outcomes');
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    };
    await expect.poll(() => outcomes().length, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(new Set(outcomes())).toEqual(new Set(['ReadTimeoutError']));
    expect(logged).toEqual([expect.stringMatching(new RegExp(`^${id} can't reach sqs: .* the VPC has no endpoint`))]);

    await call('ec2', 'CreateVpcEndpoint', {
      VpcId: net.vpcId,
      VpcEndpointType: 'Interface',
      ServiceName: serviceNameOf(region, 'sqs'),
      SubnetIds: [net.privateSubnets[0]],
      SecurityGroupIds: [groupId],
    });
    await expect.poll(() => outcomes().at(-1), { timeout: 30_000 }).toBe('answered');
    expect(aws.iam.usage().find(({ role }) => role === 'app')?.allowed).toMatchObject([{ action: 'sqs:ListQueues' }]);
  });
});
