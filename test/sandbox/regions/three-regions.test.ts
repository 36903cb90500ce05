/** A sandbox of three Regions, on the wire: the state of two of them survives the loss of any one, and is refused in the last. */

import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { startAws } from '../../../src/sandbox/aws.ts';

const [primary, witness, recovery] = ['us-east-1', 'us-east-2', 'us-west-2'] as const;

const template = JSON.stringify({
  Resources: {
    State: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        TableName: 'state',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'workload', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'workload', KeyType: 'HASH' }],
        MultiRegionConsistency: 'STRONG',
        Replicas: [{ Region: primary }, { Region: recovery }],
        GlobalTableWitnesses: [{ Region: witness }],
      },
    },
  },
});

it('holds a strongly consistent state over any one lost Region', { timeout: 90_000 }, async () => {
  const sandbox = await startAws({
    regions: [primary, recovery, witness],
    account: '111122223333',
    speed: 'max',
    seed: 1,
    images: {},
    signals: false,
  });
  try {
    const options = (region: string) => ({
      region,
      endpoint: sandbox.endpoint,
      credentials: sandbox.administrator,
      // What is lost hangs: nobody waits for it longer than this.
      maxAttempts: 1,
      requestHandler: { requestTimeout: 10_000 },
    });
    const stacks = new CloudFormationClient(options(recovery));
    await stacks.send(new CreateStackCommand({ StackName: 'control', TemplateBody: template }));
    await waitUntilStackCreateComplete(
      { client: stacks, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
      { StackName: 'control' },
    );
    const status = await sandbox.control.ask<'status'>({ ask: 'status' });
    expect(status.regions.map(({ region, stacks: held }) => [region, held.length])).toEqual([
      [primary, 0],
      [recovery, 1],
      [witness, 0],
    ]);

    const clients = {
      [primary]: new DynamoDBClient(options(primary)),
      [recovery]: new DynamoDBClient(options(recovery)),
    };
    const take = (region: typeof primary | typeof recovery, epoch: number, after: number) =>
      clients[region].send(
        new PutItemCommand({
          TableName: 'state',
          Item: { workload: { S: 'photos' }, epoch: { N: String(epoch) }, active: { S: region } },
          ConditionExpression: 'attribute_not_exists(epoch) OR epoch = :after',
          ExpressionAttributeValues: { ':after': { N: String(after) } },
        }),
      );
    const read = async (region: typeof primary | typeof recovery) => {
      const { Item } = await clients[region].send(
        new GetItemCommand({ TableName: 'state', Key: { workload: { S: 'photos' } }, ConsistentRead: true }),
      );
      return [Item?.active?.S, Item?.epoch?.N];
    };
    await take(primary, 1, 0);
    await sandbox.board.raise({ kind: 'dark', region: primary });
    await take(recovery, 2, 1);
    expect(await read(recovery)).toEqual([recovery, '2']);

    // The last one left: it can't know whether the others went on without it.
    const lost = await sandbox.board.raise({ kind: 'dark', region: witness });
    await expect(take(recovery, 3, 2)).rejects.toMatchObject({
      name: 'InternalServerError',
      $metadata: { httpStatusCode: 500 },
    });
    await expect(read(recovery)).rejects.toMatchObject({ name: 'InternalServerError' });
    await sandbox.board.lift(lost.id);

    for (const { id, spec } of sandbox.board.list()) if (spec.kind === 'dark') await sandbox.board.lift(id);
    await expect(take(primary, 2, 1)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(await read(primary)).toEqual([recovery, '2']);
  } finally {
    await sandbox.stop();
  }
});
