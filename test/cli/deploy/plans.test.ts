// Plans: differences between templates, what concerns security, which control planes are needed, what is refused.

import { expect, test } from 'vitest';
import { cannotWithout, touchesOf } from '../../../src/cli/deploy/control-planes.ts';
import { securityChanges } from '../../../src/cli/deploy/security.ts';
import type { ResourcePlan, StackPlan } from '../../../src/cli/deploy/stack-plan.ts';
import { lossOf } from '../../../src/cli/deploy/stack-plan.ts';
import { differences, templateDifference } from '../../../src/cli/deploy/template-difference.ts';

const plan = (region: string, ...resources: ResourcePlan[]): StackPlan => ({
  id: 'one',
  stackName: 'one',
  region,
  action: 'update',
  resources,
  of: resources.length,
});
const resource = (type: string, more: Partial<ResourcePlan> = {}): ResourcePlan => ({
  logicalId: 'R',
  type,
  action: 'change',
  properties: [],
  ...more,
});

test('properties are compared to their depth; references and lists of other lengths as a whole; order of keys is no difference', () => {
  expect(differences({ a: { b: 1, c: 2 } }, { a: { c: 2, b: 3 } })).toEqual([
    { path: 'a.b', before: 1, after: 3, replaces: 'never' },
  ]);
  expect(differences({ a: [{ b: 1 }] }, { a: [{ b: 2 }] })[0]?.path).toBe('a[0].b');
  expect(differences({ a: [1] }, { a: [1, 2] })[0]?.path).toBe('a');
  expect(differences({ a: { Ref: 'X' } }, { a: { Ref: 'Y' } })[0]?.path).toBe('a');
  expect(differences({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([]);
});

test('a removed resource says whether it is kept; metadata alone is no difference', () => {
  const before = {
    Resources: { A: { Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain' }, B: { Type: 'T', Metadata: 1 } },
  };
  expect(templateDifference(before, { Resources: { B: { Type: 'T', Metadata: 2 } } })).toMatchObject([
    { logicalId: 'A', action: 'remove', kept: true },
  ]);
});

test('statements and rules that come and go are told apart from those that stay', () => {
  const statement = (Action: string) => ({ Effect: 'Allow', Action, Resource: '*' });
  const role = resource('AWS::IAM::Policy', {
    before: { PolicyDocument: { Statement: [statement('s3:GetObject'), statement('s3:ListBucket')] } },
    after: { PolicyDocument: { Statement: [statement('s3:GetObject'), statement('s3:*')] } },
  });
  const group = resource('AWS::EC2::SecurityGroup', {
    logicalId: 'G',
    before: { SecurityGroupIngress: [] },
    after: { SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306, CidrIp: '0.0.0.0/0' }] },
  });
  expect(securityChanges([plan('us-east-1', role, group)]).map(({ says, sign }) => `${sign} ${says}`)).toEqual([
    '- allow s3:ListBucket on *',
    '+ allow s3:* on *',
    '+ in tcp 3306 0.0.0.0/0',
  ]);
});

test('what needs IAM, DNS, bucket configuration or the other Region is named; a size of a group needs none', () => {
  const regions = ['us-east-1', 'us-west-2'];
  const touched = (...resources: ResourcePlan[]) =>
    touchesOf([plan('us-west-2', ...resources)], regions).map(({ plane }) => plane);
  expect(touched(resource('AWS::AutoScaling::AutoScalingGroup'), resource('AWS::Lambda::Function'))).toEqual([]);
  expect(touched(resource('AWS::IAM::Role'), resource('AWS::Route53::RecordSet'), resource('AWS::S3::Bucket'))).toEqual(
    ['IAM', 'DNS', 'bucket configuration'],
  );
  const after = { SourceDBInstanceIdentifier: 'arn' };
  expect(touched(resource('AWS::RDS::DBInstance', { after }))).toEqual(['the other Region']);
  const rule = { Kind: 'replication', Region: 'us-east-1' };
  expect(touched(resource('Custom::PilotLightInstall', { action: 'add', after: rule }))).toEqual([
    'bucket configuration',
    'the other Region',
  ]);
  // Updates of what the install function makes change nothing.
  expect(touched(resource('Custom::PilotLightInstall', { after: rule }))).toEqual([]);
});

test('what a dark Region makes impossible: us-east-1 the global control planes, any one what calls it', () => {
  const touch = (plane: 'IAM' | 'the other Region') => ({
    stackName: 'one',
    region: 'us-west-2',
    plane,
    resources: [],
  });
  expect(cannotWithout(touch('IAM'), ['us-east-1'])).toBe(true);
  expect(cannotWithout(touch('IAM'), ['eu-west-1'])).toBe(false);
  expect(cannotWithout(touch('the other Region'), ['eu-west-1'])).toBe(true);
  expect(cannotWithout(touch('IAM'), [])).toBe(false);
});

test('replacing or deleting what holds data is a loss; keeping it, or changing it, is none', () => {
  expect(lossOf(resource('AWS::RDS::DBInstance', { action: 'replace' }))).toMatch(/replaced/);
  expect(lossOf(resource('AWS::RDS::DBInstance', { action: 'replace', kept: true }))).toMatch(/empty one/);
  expect(lossOf(resource('AWS::S3::Bucket', { action: 'remove' }))).toMatch(/deleted/);
  expect(lossOf(resource('AWS::S3::Bucket', { action: 'remove', kept: true }))).toBeUndefined();
  expect(lossOf(resource('AWS::RDS::DBInstance'))).toBeUndefined();
  expect(lossOf(resource('AWS::Lambda::Function', { action: 'replace' }))).toBeUndefined();
});
