import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceFactories } from '../../../src/sandbox/aws.ts';
import type { Service } from '../../../src/sandbox/contract.ts';
import { globalScope } from '../../../src/sandbox/contract.ts';
import type { RealSandbox } from '../../support/real-sandbox.ts';
import { realSandbox } from '../../support/real-sandbox.ts';
import { account, home } from '../services/iam/iam-sandbox.ts';

const role = `arn:aws:iam::${account}:role/app`;
let sandbox: RealSandbox;

beforeAll(async () => {
  sandbox = await realSandbox(serviceFactories({}));
  const iam = (name: string) => sandbox.core.table('iam', globalScope, name);
  iam('roles').put('app', { name: 'app', arn: role, tags: {} });
  const arn = `arn:aws:iam::${account}:instance-profile/app`;
  iam('instance-profiles').put('app', { name: 'app', arn, role: 'app', tags: {} });
});
afterAll(() => sandbox.stop());

/** Every operation that hands a role to a service, with the service it hands it to. */
const cases: [Service['name'], string, object, string][] = [
  ['lambda', 'CreateFunction', { FunctionName: 'f', Role: role }, 'lambda'],
  ['lambda', 'UpdateFunctionConfiguration', { FunctionName: 'f', Role: role }, 'lambda'],
  ['states', 'CreateStateMachine', { name: 'm', roleArn: role }, 'states'],
  ['states', 'UpdateStateMachine', { stateMachineArn: 'm', roleArn: role }, 'states'],
  ['events', 'PutRule', { Name: 'r', RoleArn: role }, 'events'],
  ['events', 'PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: 'a', RoleArn: role }] }, 'events'],
  ['scheduler', 'CreateSchedule', { Name: 's', Target: { Arn: 'a', RoleArn: role } }, 'scheduler'],
  ['scheduler', 'UpdateSchedule', { Name: 's', Target: { Arn: 'a', RoleArn: role } }, 'scheduler'],
  ['cloudformation', 'CreateStack', { StackName: 's', RoleARN: role }, 'cloudformation'],
  ['cloudformation', 'UpdateStack', { StackName: 's', RoleARN: role }, 'cloudformation'],
  ['cloudformation', 'DeleteStack', { StackName: 's', RoleARN: role }, 'cloudformation'],
  ['cloudformation', 'CreateChangeSet', { StackName: 's', RoleARN: role }, 'cloudformation'],
  ['cloudformation', 'ContinueUpdateRollback', { StackName: 's', RoleARN: role }, 'cloudformation'],
  ['s3', 'PutBucketReplication', { Bucket: 'b', ReplicationConfiguration: { Role: role, Rules: [] } }, 's3'],
  ['rds', 'CreateDBInstance', { DBInstanceIdentifier: 'd', MonitoringRoleArn: role }, 'monitoring.rds'],
  ['rds', 'ModifyDBInstance', { DBInstanceIdentifier: 'd', MonitoringRoleArn: role }, 'monitoring.rds'],
  ['rds', 'CreateDBInstanceReadReplica', { DBInstanceIdentifier: 'd', MonitoringRoleArn: role }, 'monitoring.rds'],
  ['iam', 'AddRoleToInstanceProfile', { InstanceProfileName: 'app', RoleName: 'app' }, 'ec2'],
  ['ec2', 'RunInstances', { MinCount: 1, MaxCount: 1, IamInstanceProfile: { Name: 'app' } }, 'ec2'],
];

describe('an operation that takes a role asks for leave to pass it', () => {
  it.each(cases)('%s:%s', (service, operation, input, to) => {
    const call = { account, region: home, from: home, principal: sandbox.core.as('test'), requestId: 'r' };
    const asks = sandbox.dispatcher.service(service)?.operations[operation]?.authorize?.(input, call) ?? [];
    const passing = asks.filter(({ action }) => action === 'iam:PassRole');
    expect(passing).toMatchObject([{ resource: role, context: { 'iam:PassedToService': `${to}.amazonaws.com` } }]);
  });
});
