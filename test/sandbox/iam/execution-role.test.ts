/** What a function's role is asked: to poll, to stand in a VPC, to be logged; and a replication role, to copy. By real policies. */

import { beforeEach, describe, expect, it } from 'vitest';
import { writeLog } from '../../../src/sandbox/functions/log-writer.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { assumeRole } from '../../../src/sandbox/services/events/role-session.ts';
import { createLambdaService } from '../../../src/sandbox/services/lambda/operations.ts';
import { createLogsService } from '../../../src/sandbox/services/logs/operations.ts';
import { createS3Service } from '../../../src/sandbox/services/s3/service.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { zip } from '../functions/zip.ts';
import { network } from '../services/ec2/ec2-sandbox.ts';
import type { GuardedSandbox } from '../services/iam/iam-sandbox.ts';
import { account, allow, away, guardedSandbox, home, policy, refusal, trusting } from '../services/iam/iam-sandbox.ts';
import { fakeRunner } from '../services/lambda/fake-runner.ts';

let sandbox: GuardedSandbox;
beforeEach(() => {
  sandbox = guardedSandbox([
    createLogsService,
    createSqsService,
    createS3Service,
    (core) => createEc2Service(core, { images: {} }),
    (core) => createLambdaService(core, fakeRunner()),
  ]);
});

const as = <Output = Record<string, unknown>>(service: string, operation: string, input: object, region = home) =>
  sandbox.as<Output>(undefined, service, operation, input, region);

async function role(RoleName: string, service: string, more: object = {}): Promise<string> {
  const AssumeRolePolicyDocument = trusting({ Service: service }, more);
  const { Role } = await as<{ Role: { Arn: string } }>('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument });
  return Role.Arn;
}
const may = (RoleName: string, ...statements: object[]) =>
  as('iam', 'PutRolePolicy', { RoleName, PolicyName: 'own', PolicyDocument: policy(...statements) });

/** What the report says a role did and was refused. */
const done = (name: string) => {
  const found = sandbox.iam.usage().find((one) => one.role === name);
  const actions = (uses: readonly { action: string }[] = []) => [...new Set(uses.map(({ action }) => action))];
  return { used: actions(found?.allowed), denied: actions(found?.denied) };
};

const fn = (Role: string, more: object = {}) =>
  as('lambda', 'CreateFunction', {
    FunctionName: 'fn',
    Role,
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Code: { ZipFile: zip({ 'index.js': 'exports.handler = async () => {}' }) },
    ...more,
  });

describe('a function’s log', () => {
  const group = '/aws/lambda/fn';
  const arn = `arn:aws:logs:${home}:${account}:log-group:${group}:*`;
  const events = [{ timestamp: 1, message: 'hello' }];
  async function write(): Promise<void> {
    const roleArn = `arn:aws:iam::${account}:role/worker`;
    const { principal } = await assumeRole(sandbox.core, {
      service: 'lambda',
      region: home,
      roleArn,
      sessionName: 'fn',
    });
    await writeLog(sandbox.core, { region: home, principal, logGroup: group, logStream: 'a' }, events);
  }
  const groups = async () =>
    (await as<{ logGroups: { logGroupName: string }[] }>('logs', 'DescribeLogGroups', {})).logGroups.length;
  beforeEach(() => role('worker', 'lambda.amazonaws.com'));

  it('isn’t there without the permissions, and nobody fails for it', async () => {
    await write();
    expect(await groups()).toBe(0);
    expect(done('worker')).toEqual({ used: [], denied: ['logs:PutLogEvents'] });
  });

  it('is written as the role, which shows as used', async () => {
    await may('worker', allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], arn));
    await write();
    expect(done('worker')).toEqual({
      used: ['logs:PutLogEvents', 'logs:CreateLogStream', 'logs:CreateLogGroup'],
      denied: [],
    });
    const found = await as('logs', 'GetLogEvents', { logGroupName: group, logStreamName: 'a' });
    expect(found).toMatchObject({ events: [{ message: 'hello' }] });
  });

  it('needs no leave to make a group that is there', async () => {
    await as('logs', 'CreateLogGroup', { logGroupName: group });
    await may('worker', allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arn));
    await write();
    expect(done('worker').denied).toEqual([]);
    const found = await as('logs', 'GetLogEvents', { logGroupName: group, logStreamName: 'a' });
    expect(found).toMatchObject({ events: [{ message: 'hello' }] });
  });
});

describe('a function', () => {
  it('polls a queue only with a role that may receive, delete and look', async () => {
    await fn(await role('worker', 'lambda.amazonaws.com'));
    await as('sqs', 'CreateQueue', { QueueName: 'q' });
    const EventSourceArn = `arn:aws:sqs:${home}:${account}:q`;
    const map = () => as('lambda', 'CreateEventSourceMapping', { FunctionName: 'fn', EventSourceArn });
    const needed = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
    for (const [index, action] of needed.entries()) {
      expect(await refusal(map())).toBe(
        `InvalidParameterValueException: The provided execution role does not have permissions to call ${action} on SQS`,
      );
      const given = needed.slice(0, index + 1).map((name) => `sqs:${name}`);
      await may('worker', allow(given, EventSourceArn));
    }
    expect(await map()).toMatchObject({ State: 'Creating' });
  });

  it('stands in a VPC only with a role that may make interfaces there', async () => {
    const net = await network({ ec2: (name, input) => as('ec2', name, input) });
    const VpcConfig = { SubnetIds: net.privateSubnets, SecurityGroupIds: [net.groupId] };
    const Role = await role('worker', 'lambda.amazonaws.com');
    expect(await refusal(fn(Role, { VpcConfig }))).toBe(
      'InvalidParameterValueException: The provided execution role does not have permissions to call CreateNetworkInterface on EC2',
    );
    const interfaces = ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DeleteNetworkInterface'];
    await may('worker', allow(interfaces.map((name) => `ec2:${name}`)));
    expect(await fn(Role, { VpcConfig })).toMatchObject({ VpcConfig: { SubnetIds: net.privateSubnets } });
    expect(done('worker').used).toEqual(interfaces.map((name) => `ec2:${name}`));
  });
});

describe('replication', () => {
  const reads = ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'];
  const source = ['s3:GetReplicationConfiguration', 's3:ListBucket'];
  const writes = ['s3:ReplicateObject', 's3:ReplicateDelete'];

  async function replicated(trust: object = {}): Promise<void> {
    const Role = await role('copier', 's3.amazonaws.com', trust);
    for (const [Bucket, region] of [
      ['source', home],
      ['copy', away],
    ] as const) {
      await as(
        's3',
        'CreateBucket',
        { Bucket, ...(region === home ? {} : { CreateBucketConfiguration: { LocationConstraint: region } }) },
        region,
      );
      await as('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } }, region);
    }
    const Destination = { Bucket: 'arn:aws:s3:::copy' };
    const rule = {
      ID: 'r',
      Priority: 1,
      Status: 'Enabled',
      Filter: { Prefix: '' },
      DeleteMarkerReplication: { Status: 'Enabled' },
    };
    const ReplicationConfiguration = { Role, Rules: [{ ...rule, Destination }] };
    await as('s3', 'PutBucketReplication', { Bucket: 'source', ReplicationConfiguration });
  }
  async function put(Key: string): Promise<unknown> {
    await as('s3', 'PutObject', { Bucket: 'source', Key, Body: Buffer.from('x') });
    await sandbox.clock.advance(60_000);
    return (await as('s3', 'HeadObject', { Bucket: 'source', Key })).ReplicationStatus;
  }

  it('fails for the want of any one permission, and shows all of them as used otherwise', async () => {
    await replicated();
    const all = [...source, ...reads, ...writes];
    for (const missing of all.filter((action) => action !== 's3:ReplicateDelete')) {
      await may('copier', allow(all.filter((action) => action !== missing)));
      expect(await put(missing), missing).toBe('FAILED');
      expect(done('copier').denied).toContain(missing);
    }
    await may('copier', allow(all));
    expect(await put('k')).toBe('COMPLETED');
    await as('s3', 'DeleteObject', { Bucket: 'source', Key: 'k' });
    await sandbox.clock.advance(60_000);
    expect(done('copier').used.sort()).toEqual([...all].sort());
  });

  it('may be trusted for one bucket only', async () => {
    const only = (bucket: string) => ({ Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${bucket}` } } });
    await replicated(only('source'));
    await may('copier', allow('s3:*'));
    expect(await put('k')).toBe('COMPLETED');
  });
});
