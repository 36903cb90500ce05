import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { createDynamoDbService } from '../../../src/sandbox/services/dynamodb/service.ts';
import { testSandbox } from '../../support/test-sandbox.ts';

const [east, ohio, oregon] = ['us-east-1', 'us-east-2', 'us-west-2'] as const;

function template(table: object): string {
  return JSON.stringify({ Resources: { State: { Type: 'AWS::DynamoDB::GlobalTable', Properties: table } } });
}

const state = {
  TableName: 'state',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'workload', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'workload', KeyType: 'HASH' }],
};
const strong = {
  ...state,
  MultiRegionConsistency: 'STRONG',
  Replicas: [{ Region: east }, { Region: oregon }],
  GlobalTableWitnesses: [{ Region: ohio }],
};

interface Settings {
  readonly Table: { readonly DeletionProtectionEnabled?: boolean; readonly TableArn: string };
}

describe('AWS::DynamoDB::GlobalTable', () => {
  const sandbox = () => testSandbox([createDynamoDbService, createCloudFormationService], [east, ohio, oregon]);
  type World = ReturnType<typeof sandbox>;
  let world: World;
  afterEach(() => world.dispatcher.services.forEach((service) => void service.close?.()));

  async function stackStatus(operation: string, table?: object): Promise<string> {
    const TemplateBody = table === undefined ? {} : { TemplateBody: template(table) };
    await world.call('cloudformation', operation, { StackName: 'control', ...TemplateBody }, oregon);
    // The machine loads AWS's schemas meanwhile, which takes real time.
    return vi.waitFor(
      async () => {
        await world.clock.advance(60_000);
        const status = await world
          .call<{ Stacks: { StackStatus: string }[] }>(
            'cloudformation',
            'DescribeStacks',
            { StackName: 'control' },
            oregon,
          )
          .then(
            ({ Stacks: [stack] }) => stack?.StackStatus ?? '',
            () => 'gone',
          );
        expect(status).not.toMatch(/IN_PROGRESS/);
        return status;
      },
      { timeout: 10_000 },
    );
  }
  const table = (region: string) =>
    world
      .call<{ Table: { MultiRegionConsistency?: string; GlobalTableWitnesses?: object[] } }>(
        'dynamodb',
        'DescribeTable',
        { TableName: 'state' },
        region,
      )
      .then(
        ({ Table }) => Table,
        () => undefined,
      );

  it('makes a strongly consistent table with its witness, and takes it away whole', async () => {
    world = sandbox();
    expect(await stackStatus('CreateStack', strong)).toBe('CREATE_COMPLETE');
    for (const region of [east, oregon]) {
      expect(await table(region)).toMatchObject({
        MultiRegionConsistency: 'STRONG',
        GlobalTableWitnesses: [{ RegionName: ohio, WitnessStatus: 'ACTIVE' }],
      });
    }
    expect(await stackStatus('DeleteStack')).toBe('gone');
    for (const region of [east, oregon]) expect(await table(region)).toBeUndefined();
  });

  it('refuses a change of its Regions, and leaves the table as it was', async () => {
    world = sandbox();
    await stackStatus('CreateStack', strong);
    const changed = { ...strong, Replicas: [...strong.Replicas, { Region: ohio }], GlobalTableWitnesses: [] };
    expect(await stackStatus('UpdateStack', changed)).toMatch(/ROLLBACK_COMPLETE/);
    expect(await table(oregon)).toMatchObject({ GlobalTableWitnesses: [{ RegionName: ohio }] });
  });

  it.each([
    ['two replicas and a witness', strong, [east, oregon]],
    [
      'three replicas',
      { ...strong, Replicas: [east, ohio, oregon].map((Region) => ({ Region })), GlobalTableWitnesses: undefined },
      [east, ohio, oregon],
    ],
  ])('sets what each replica declares for itself, and takes all away again (%s)', async (_, declared, regions) => {
    world = sandbox();
    const replicas = (more: object) => ({
      ...declared,
      Replicas: declared.Replicas.map((replica) => ({ ...replica, ...more })),
    });
    const own = { DeletionProtectionEnabled: true, Tags: [{ Key: 'team', Value: 'photos' }] };
    const settings = (region: string) =>
      world.call<Settings>('dynamodb', 'DescribeTable', { TableName: 'state' }, region);
    const tags = async (region: string) =>
      world.call<object>(
        'dynamodb',
        'ListTagsOfResource',
        { ResourceArn: (await settings(region)).Table.TableArn },
        region,
      );
    expect(await stackStatus('CreateStack', replicas(own))).toBe('CREATE_COMPLETE');
    for (const region of regions) {
      expect((await settings(region)).Table.DeletionProtectionEnabled).toBe(true);
      expect(await tags(region)).toMatchObject({ Tags: own.Tags });
    }
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    expect(await stackStatus('UpdateStack', replicas({ PointInTimeRecoverySpecification }))).toBe('UPDATE_COMPLETE');
    for (const region of regions) {
      expect((await settings(region)).Table.DeletionProtectionEnabled).toBe(false);
      expect(await tags(region)).toMatchObject({ Tags: [] });
      const backups = await world.call('dynamodb', 'DescribeContinuousBackups', { TableName: 'state' }, region);
      expect(backups).toMatchObject({
        ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' } },
      });
    }
    expect(await stackStatus('DeleteStack')).toBe('gone');
    for (const region of regions) expect(await table(region)).toBeUndefined();
  });

  it('fails a change of a replica whose Region is dark, rolls back once it answers, and changes its own without it', async () => {
    world = sandbox();
    await stackStatus('CreateStack', strong);
    world.setDark(east, true);
    const Replicas = [{ Region: east, DeletionProtectionEnabled: true }, { Region: oregon }];
    expect(await stackStatus('UpdateStack', { ...strong, Replicas })).toBe('UPDATE_ROLLBACK_FAILED');
    world.setDark(east, false);
    expect(await stackStatus('ContinueUpdateRollback')).toBe('UPDATE_ROLLBACK_COMPLETE');
    world.setDark(east, true);
    const own = [{ Region: east }, { Region: oregon, Tags: [{ Key: 'team', Value: 'photos' }] }];
    expect(await stackStatus('UpdateStack', { ...strong, Replicas: own })).toBe('UPDATE_COMPLETE');
  });

  it('adds a replica to a default one and removes it, one by one', async () => {
    world = sandbox();
    expect(await stackStatus('CreateStack', { ...state, Replicas: [{ Region: oregon }] })).toBe('CREATE_COMPLETE');
    const both = {
      ...state,
      Replicas: [{ Region: oregon }, { Region: east }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    };
    expect(await stackStatus('UpdateStack', both)).toBe('UPDATE_COMPLETE');
    expect(await table(east)).toMatchObject({ MultiRegionConsistency: 'EVENTUAL' });
    expect(await stackStatus('UpdateStack', { ...both, Replicas: [{ Region: oregon }] })).toBe('UPDATE_COMPLETE');
    expect(await table(east)).toBeUndefined();
  });
});
