/** Customers' keys of disks: who is asked when an image is copied and when instances are launched from it, and what a refusal looks like. */

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Principal } from '../../../src/sandbox/contract.ts';
import { createAuthorizer } from '../../../src/sandbox/iam/authorizer.ts';
import { createIamService } from '../../../src/sandbox/services/iam/service.ts';
import { createKmsService } from '../../../src/sandbox/services/kms/service.ts';
import { createStsService } from '../../../src/sandbox/services/sts/service.ts';
import type { ScalingSandbox } from '../services/autoscaling/scaling-sandbox.ts';
import { activities, group, members, scalingSandbox } from '../services/autoscaling/scaling-sandbox.ts';
import { appImage, network } from '../services/ec2/ec2-sandbox.ts';
import { account, allow, away, home, policy, refusal, trusting } from '../services/iam/iam-sandbox.ts';

const linkedRole = `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;
const rootMay = allow('kms:*', '*', { Principal: { AWS: `arn:aws:iam::${account}:root` } });
/** As Auto Scaling's guide asks for it, written so that it can be put before there is such a role. */
const autoScalingMay = [
  allow(['kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'], '*', {
    Principal: { AWS: '*' },
    Condition: { ArnEquals: { 'aws:PrincipalArn': linkedRole } },
  }),
  allow('kms:CreateGrant', '*', {
    Principal: { AWS: '*' },
    Condition: { ArnEquals: { 'aws:PrincipalArn': linkedRole }, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  }),
];

let sandbox: ScalingSandbox;
let iam: ReturnType<typeof createAuthorizer>;
let copier: Principal;

beforeEach(async () => {
  sandbox = scalingSandbox([createIamService, createStsService, createKmsService]);
  iam = createAuthorizer(sandbox.core);
  sandbox.dispatcher.authorizer = iam.authorizer;
  const AssumeRolePolicyDocument = trusting({ Service: 'lambda.amazonaws.com' });
  await sandbox.call('iam', 'CreateRole', { RoleName: 'copier', AssumeRolePolicyDocument });
  copier = {
    kind: 'role',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/copier/fn`,
    roleName: 'copier',
    sessionName: 'fn',
  };
});

const may = (...statements: object[]) =>
  sandbox.call('iam', 'PutRolePolicy', {
    RoleName: 'copier',
    PolicyName: 'own',
    PolicyDocument: policy(...statements),
  });

async function key(region: string, ...statements: object[]): Promise<string> {
  const Policy = policy(rootMay, ...statements);
  const { KeyMetadata } = await sandbox.call<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', { Policy }, region);
  return KeyMetadata.Arn;
}

/** A copy as the role makes it, followed to its end. */
async function copy(Name: string, KmsKeyId: string, from = home, SourceImageId = appImage, to = away) {
  const input = { SourceRegion: from, SourceImageId, Name, Encrypted: true, KmsKeyId };
  const { ImageId } = await sandbox.call<{ ImageId: string }>('ec2', 'CopyImage', input, to, copier);
  await sandbox.clock.advance(900_000);
  return vi.waitFor(async () => {
    const asked = { ImageIds: [ImageId] };
    const { Images } = await sandbox.ec2<{ Images: { State: string; StateReason?: { Message: string } }[] }>(
      'DescribeImages',
      asked,
      to,
    );
    expect(Images[0]?.State).not.toBe('pending');
    return { id: ImageId, state: Images[0]?.State, why: Images[0]?.StateReason?.Message };
  });
}

const used = (): string[] => [
  ...new Set(
    iam
      .usage()
      .find(({ role }) => role === 'copier')
      ?.allowed.filter(({ action }) => action.startsWith('kms:'))
      .map(({ action, resource }) => `${action} ${resource}`),
  ),
];

describe('a copied image', () => {
  const ec2 = allow('ec2:*');

  it('is answered, and fails later, where the copier may not use the key', async () => {
    await may(ec2, allow(['kms:DescribeKey', 'kms:CreateGrant']));
    expect(await copy('one', await key(away))).toMatchObject({
      state: 'failed',
      why: 'Given key ID is not accessible',
    });
    expect(iam.usage()[0]?.denied).toMatchObject([{ action: 'kms:GenerateDataKeyWithoutPlaintext' }]);
  });

  it('uses the key through EC2, with a grant for AWS’s resource only', async () => {
    const Condition = {
      StringEquals: { 'kms:ViaService': `ec2.${away}.amazonaws.com` },
    };
    const grant = { ...Condition, Bool: { 'kms:GrantIsForAWSResource': 'true' } };
    await may(
      ec2,
      allow(['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext'], '*', { Condition }),
      allow('kms:CreateGrant', '*', { Condition: grant }),
    );
    const arn = await key(away);
    expect(await copy('one', arn)).toMatchObject({ state: 'available' });
    expect(used()).toEqual([
      `kms:DescribeKey ${arn}`,
      `kms:GenerateDataKeyWithoutPlaintext ${arn}`,
      `kms:Decrypt ${arn}`,
      `kms:CreateGrant ${arn}`,
    ]);
  });

  it('of an encrypted one needs the source’s key in its Region as well', async () => {
    const [there, here] = [await key(away), await key(home)];
    await may(ec2, allow('kms:*', there), allow('kms:*', here));
    const first = await copy('first', there);
    await may(ec2, allow('kms:*', here));
    expect(await copy('back', here, away, first.id, home)).toMatchObject({ state: 'failed' });
    await may(ec2, allow('kms:*', here), allow('kms:Decrypt', there));
    expect(await copy('back again', here, away, first.id, home)).toMatchObject({ state: 'available' });
  });

  it('under another key of the same Region re-encrypts', async () => {
    const [one, other] = [await key(away), await key(away)];
    await may(ec2, allow('kms:*'));
    const first = await copy('first', one);
    expect(await copy('second', other, away, first.id, away)).toMatchObject({ state: 'available' });
    expect(used()).toEqual(expect.arrayContaining([`kms:ReEncryptFrom ${one}`, `kms:ReEncryptTo ${other}`]));
  });

  it('fails for a key that isn’t there, or isn’t of the Region', async () => {
    await may(ec2, allow('kms:*'));
    for (const wrong of ['alias/none', await key(home)]) {
      expect(await copy(`under ${wrong.slice(-8)}`, wrong)).toMatchObject({ state: 'failed' });
    }
  });
});

describe('a group whose image is under a customer’s key', () => {
  async function grow(...statements: object[]) {
    await may(allow(['ec2:*', 'kms:*']));
    const { id: ImageId } = await copy('app', await key(home, ...statements), home, appImage, home);
    await group(sandbox, { data: { ImageId } });
    await sandbox.asg('SetDesiredCapacity', { AutoScalingGroupName: 'app', DesiredCapacity: 1 });
    for (let step = 0; step < 12; step++) await sandbox.clock.advance(10_000);
    await vi.waitFor(async () => expect((await activities(sandbox)).at(-1)?.StatusCode).not.toBe('InProgress'));
  }

  it('never grows where the key leaves everything to IAM: the service-linked role has no policy for it', async () => {
    await grow();
    expect((await activities(sandbox)).at(-1)).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage: expect.stringMatching(/Termination Reason: Client\.InternalError: Client error on launch$/),
    });
    expect((await members(sandbox)).filter(({ LifecycleState }) => LifecycleState === 'InService')).toEqual([]);
    expect(iam.usage().find(({ role }) => role === 'AWSServiceRoleForAutoScaling')?.denied).toMatchObject([
      { action: 'kms:DescribeKey', layer: 'identity' },
    ]);
  });

  it('grows where the key names the role', async () => {
    await grow(...autoScalingMay);
    expect(await members(sandbox)).toMatchObject([{ LifecycleState: 'InService' }]);
  });

  it('is made by who may make the role, the first time', async () => {
    const net = await network(sandbox);
    const data = { ImageId: appImage, SecurityGroupIds: [net.groupId] };
    await sandbox.ec2('CreateLaunchTemplate', { LaunchTemplateName: 'app', LaunchTemplateData: data });
    const make = (AutoScalingGroupName: string) =>
      sandbox.call(
        'autoscaling',
        'CreateAutoScalingGroup',
        {
          AutoScalingGroupName,
          LaunchTemplate: { LaunchTemplateName: 'app' },
          MinSize: 0,
          MaxSize: 1,
          VPCZoneIdentifier: net.privateSubnets.join(','),
        },
        home,
        copier,
      );
    await may(allow(['autoscaling:*', 'ec2:*']));
    expect(await refusal(make('one'))).toMatch(
      /iam:CreateServiceLinkedRole on resource: .*autoscaling\.amazonaws\.com/,
    );
    await may(allow(['autoscaling:*', 'ec2:*', 'iam:CreateServiceLinkedRole']));
    await make('one');
    await may(allow(['autoscaling:*', 'ec2:*']));
    await expect(make('two')).resolves.toEqual({});
  });
});

it('an instance launched by hand is judged by who launches it', async () => {
  await may(allow(['ec2:*', 'kms:*']));
  const { id: ImageId } = await copy('app', await key(home), home, appImage, home);
  const net = await network(sandbox);
  const run = { ImageId, MinCount: 1, MaxCount: 1, SubnetId: net.privateSubnets[0], SecurityGroupIds: [net.groupId] };
  await may(allow('ec2:*'));
  const { Instances } = await sandbox.call<{ Instances: { InstanceId: string; State: { Name: string } }[] }>(
    'ec2',
    'RunInstances',
    run,
    home,
    copier,
  );
  expect(Instances[0]?.State.Name).toBe('pending');
  await sandbox.clock.advance(60_000);
  const { Reservations } = await sandbox.ec2<{ Reservations: { Instances: object[] }[] }>('DescribeInstances', {
    InstanceIds: [Instances[0]?.InstanceId],
  });
  expect(Reservations[0]?.Instances[0]).toMatchObject({
    State: { Name: 'terminated' },
    StateReason: { Code: 'Client.InternalError' },
  });
});
