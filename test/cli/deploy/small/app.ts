/** As few stacks as show what `deploy`, `diff` and `destroy` do: one with roles, one with data, one with neither. `SMALL` changes them. */

import { App, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';

const change = process.env.SMALL ?? '';
const app = new App();
const env = (region: string) => ({ env: { account: '111122223333', region } });

const identity = new Stack(app, 'dev-small-identity-recovery', env('us-west-2'));
new CfnRole(identity, 'Role', {
  roleName: 'dev-small',
  description: change === 'role' ? 'changed' : 'as it was',
  assumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  },
});

const control = new Stack(app, 'dev-small-control-recovery', { ...env('us-west-2'), terminationProtection: true });
control.addStackDependency(identity);
const table = new CfnTable(control, 'State', {
  tableName: change === 'renamed' ? 'dev-dr-other' : 'dev-dr-state',
  billingMode: 'PAY_PER_REQUEST',
  attributeDefinitions: [
    { attributeName: 'workload', attributeType: 'S' },
    { attributeName: 'item', attributeType: 'S' },
  ],
  keySchema: [
    { attributeName: 'workload', keyType: 'HASH' },
    { attributeName: 'item', keyType: 'RANGE' },
  ],
  deletionProtectionEnabled: true,
});
table.applyRemovalPolicy(RemovalPolicy.RETAIN);
const beside = new CfnQueue(control, 'Beside', {
  queueName: 'dev-small-beside',
  ...(change.startsWith('beside') ? { visibilityTimeout: 60 } : {}),
});
if (change === 'beside-broken') breakAfter(control, beside);

const service = new Stack(app, 'dev-small-service-primary', env('us-east-1'));
service.addStackDependency(identity);
const queue = new CfnQueue(service, 'Queue', {
  queueName: 'dev-small',
  visibilityTimeout: change === 'timeout' || change === 'broken' ? 60 : 30,
});
if (change === 'broken') breakAfter(service, queue);
app.synth();

/** What can't be created, once all else is changed. */
function breakAfter(stack: Stack, last: CfnResource): void {
  const clash = new CfnResource(stack, 'Clash', {
    type: 'AWS::SSM::Parameter',
    properties: { Name: '/aws/reserved', Type: 'String', Value: 'x' },
  });
  clash.addResourceDependency(last);
}
