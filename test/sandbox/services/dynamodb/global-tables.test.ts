import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/kernel/ids.ts';
import { definition, dynamoSandbox, type Item, key } from './support.ts';

const { TableName } = definition;
const [east, ohio, oregon] = ['us-east-1', 'us-east-2', 'us-west-2'] as const;
const all = [east, ohio, oregon];
const join = (RegionName: string) => ({ Create: { RegionName } });
const leave = (RegionName: string) => ({ Delete: { RegionName } });
const n = (value: number) => ({ N: String(value) });
const once = { ConditionExpression: 'attribute_not_exists(pk)' };

interface Described {
  readonly Table: {
    readonly TableStatus: string;
    readonly BillingModeSummary?: object;
    readonly MultiRegionConsistency?: string;
    readonly Replicas?: { RegionName: string; ReplicaStatus: string }[];
    readonly GlobalTableWitnesses?: object[];
  };
}

function three(regions: readonly string[] = all) {
  const sandbox = dynamoSandbox([...regions]);
  const describe = async (region: string) =>
    (await sandbox.ddb<Described>('DescribeTable', { TableName }, region)).Table;
  return {
    ...sandbox,
    describe,
    toDark: (region: string, dark: boolean) => sandbox.setDark(region, dark),
    /** A request whose answer takes AWS time: the clock is moved on until it is there. */
    during: async <T>(request: Promise<T>, span = 1_000): Promise<T> => {
      const settled = request.then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      await sandbox.clock.advance(span);
      const outcome = await settled;
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    },
    /** Cuts a Region off from the two others, both ways; answers how to mend it. */
    isolate: async (region: string): Promise<() => Promise<void>> => {
      const faults = await Promise.all(
        all
          .filter((other) => other !== region)
          .flatMap((other) => [
            { from: region, to: other },
            { from: other, to: region },
          ])
          .map((link) => sandbox.board.raise({ kind: 'partition', ...link })),
      );
      return async () => void (await Promise.all(faults.map(({ id }) => sandbox.board.lift(id))));
    },
  };
}

describe('a default global table', () => {
  async function eventual() {
    const sandbox = three();
    await sandbox.table();
    for (const region of [ohio, oregon]) {
      await sandbox.ddb('UpdateTable', { TableName, ReplicaUpdates: [join(region)] });
      await sandbox.clock.advance(100_000);
    }
    return sandbox;
  }

  it('has a copy per Region, and a consistent read of a copy is no more than that', async () => {
    const { put, get, clock, describe } = await eventual();
    expect(await describe(ohio)).toMatchObject({
      TableStatus: 'ACTIVE',
      MultiRegionConsistency: 'EVENTUAL',
      Replicas: [{ RegionName: east }, { RegionName: oregon }],
    });
    await put({ ...key('a'), x: n(1) });
    expect(await get(key('a'), { ConsistentRead: true }, ohio)).toBeUndefined();
    await clock.advance(1_000);
    for (const region of all) expect(await get(key('a'), {}, region)).toMatchObject({ x: n(1) });
  });

  it('keeps the writes of a Region that is cut off, and catches up with the later ones winning', async () => {
    const { put, get, update, clock, isolate } = await eventual();
    await put({ ...key('shared'), x: n(0) });
    await clock.advance(5_000);
    const mend = await isolate(ohio);
    await put({ ...key('shared'), x: n(1) }, {}, ohio);
    await put({ ...key('only ohio'), x: n(1) }, {}, ohio);
    await clock.advance(10_000);
    await update(key('shared'), 'SET x = :x', { ':x': n(2) }, {}, oregon);
    await clock.advance(600_000);
    expect(await get(key('shared'), {}, ohio)).toMatchObject({ x: n(1) });
    expect(await get(key('shared'), {}, east)).toMatchObject({ x: n(2) });
    expect(await get(key('only ohio'), {}, east)).toBeUndefined();
    await mend();
    await clock.advance(5_000);
    for (const region of all) {
      expect(await get(key('shared'), {}, region)).toMatchObject({ x: n(2) });
      expect(await get(key('only ohio'), {}, region)).toMatchObject({ x: n(1) });
    }
  });

  it('hears nothing over a link of which one direction is cut: an answer needs the way back', async () => {
    const { put, get, clock, board } = await eventual();
    const fault = await board.raise({ kind: 'partition', from: oregon, to: east });
    await put({ ...key('a'), x: n(1) });
    await clock.advance(60_000);
    expect(await get(key('a'), {}, ohio)).toBeDefined();
    expect(await get(key('a'), {}, oregon)).toBeUndefined();
    await board.lift(fault.id);
    await clock.advance(5_000);
    expect(await get(key('a'), {}, oregon)).toBeDefined();
  });

  it('forgets nothing that a Region wrote before it went dark', async () => {
    const { put, get, clock, ddb, toDark } = await eventual();
    await put({ ...key('kept'), x: n(1) });
    await put({ ...key('gone'), x: n(1) });
    await clock.advance(5_000);
    await put({ ...key('late'), x: n(1) });
    await ddb('DeleteItem', { TableName, Key: key('gone') });
    toDark(east, true);
    await clock.advance(3_600_000);
    expect(await get(key('late'), {}, oregon)).toBeUndefined();
    expect(await get(key('gone'), {}, oregon)).toBeDefined();
    toDark(east, false);
    await clock.advance(5_000);
    expect(await get(key('late'), {}, oregon)).toBeDefined();
    expect(await get(key('gone'), {}, oregon)).toBeUndefined();
  });

  it.each([1, 2, 3, 4, 5, 6])('has the same items everywhere once it is quiet, whatever was cut (%i)', async (seed) => {
    const { ddb, put, clock, isolate, query } = await eventual();
    const random = seededRandom(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T;
    const mends: (() => Promise<void>)[] = [];
    for (let step = 0; step < 60; step++) {
      const region = pick(all);
      const item = { pk: { S: 'p' }, sk: { S: pick(['a', 'b', 'c']) } };
      const what = random.next();
      if (what < 0.1) mends.push(await isolate(region));
      else if (what < 0.2) await mends.pop()?.();
      else if (what < 0.3) await ddb('DeleteItem', { TableName, Key: item }, region);
      else await put({ ...item, x: n(step) }, {}, region);
      // Often within one millisecond: what decides then is the Region's name, for all of them alike.
      await clock.advance(pick([0, 0, 1, 300, 3_000]));
    }
    for (const mend of mends) await mend();
    await clock.advance(10_000);
    const copies = await Promise.all(
      all.map(async (region) => (await query('pk = :p', { ':p': { S: 'p' } }, {}, region)).Items),
    );
    expect(copies[1]).toEqual(copies[0]);
    expect(copies[2]).toEqual(copies[0]);
  });

  it('goes on sending and deleting after a restart on what it kept', async () => {
    const before = await eventual();
    await before.put({ ...key('sent later'), x: n(1) });
    await before.ddb('CreateTable', { ...definition, TableName: 'unwanted' }, ohio);
    await before.clock.advance(10_000);
    await before.put({ ...key('sent later'), x: n(2) });
    await before.ddb('DeleteTable', { TableName: 'unwanted' }, ohio);

    const after = three();
    for (const region of all) {
      for (const name of ['tables', `items/${TableName}`, 'outbox']) {
        const kept = before.core.table('dynamodb', region, name).entries();
        for (const [id, row] of kept) after.core.table('dynamodb', region, name).put(id, row);
      }
    }
    await after.dispatcher.service('dynamodb')?.resume?.();
    await after.clock.advance(300_000);
    for (const region of all) expect(await after.get(key('sent later'), {}, region)).toMatchObject({ x: n(2) });
    expect(await after.ddb('ListTables', {}, ohio)).toEqual({ TableNames: [TableName] });
  });

  it('shares its capacity and its expiry, and its mode is fixed', async () => {
    const { ddb, describe, clock } = await eventual();
    const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
    await ddb('UpdateTable', { TableName, BillingMode: 'PROVISIONED', ProvisionedThroughput });
    await clock.advance(10_000);
    expect(await describe(oregon)).toMatchObject({ ProvisionedThroughput });
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'until' };
    await ddb('UpdateTimeToLive', { TableName, TimeToLiveSpecification });
    const expiry = await ddb('DescribeTimeToLive', { TableName }, ohio);
    expect(expiry).toMatchObject({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } });
    for (const more of [{}, { ReplicaUpdates: [join('us-west-1')] }]) {
      await expect(ddb('UpdateTable', { TableName, MultiRegionConsistency: 'STRONG', ...more })).rejects.toMatchObject({
        code: 'ValidationException',
      });
    }
  });
});

describe('a strongly consistent global table', () => {
  async function strong(witness = false) {
    const sandbox = three();
    await sandbox.table();
    await sandbox.ddb('UpdateTable', {
      TableName,
      MultiRegionConsistency: 'STRONG',
      ReplicaUpdates: witness ? [join(oregon)] : [join(ohio), join(oregon)],
      ...(witness ? { GlobalTableWitnessUpdates: [join(ohio)] } : {}),
    });
    await sandbox.clock.advance(100_000);
    return sandbox;
  }

  it('is made at once, in three Regions, and shows its witness', async () => {
    const whole = await strong();
    expect(await whole.describe(oregon)).toMatchObject({
      TableStatus: 'ACTIVE',
      MultiRegionConsistency: 'STRONG',
      Replicas: [
        { RegionName: east, ReplicaStatus: 'ACTIVE' },
        { RegionName: ohio, ReplicaStatus: 'ACTIVE' },
      ],
    });
    const witnessed = await strong(true);
    expect(await witnessed.describe(east)).toMatchObject({
      MultiRegionConsistency: 'STRONG',
      Replicas: [{ RegionName: oregon }],
      GlobalTableWitnesses: [{ RegionName: ohio, WitnessStatus: 'ACTIVE' }],
    });
    await expect(witnessed.describe(ohio)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    expect(await witnessed.ddb('ListTables', {}, ohio)).toEqual({ TableNames: [] });
  });

  it('shows each Region what another has just written, to a consistent read', async () => {
    const { put, get, during, query, ddb } = await strong();
    await during(put({ ...key('a'), x: n(1) }), 80);
    // The third Region gets it afterwards.
    expect(await get(key('a'), {}, oregon)).toBeUndefined();
    expect(await during(get(key('a'), { ConsistentRead: true }, oregon), 80)).toMatchObject({ x: n(1) });
    expect(await get(key('a'), {}, oregon)).toMatchObject({ x: n(1) });
    await during(put({ ...key('a', 'b'), x: n(2) }));
    const values = { ':a': { S: 'a' } };
    expect((await during(query('pk = :a', values, { ConsistentRead: true }, oregon))).Count).toBe(2);
    const request = { [TableName]: { Keys: [key('a', 'b')], ConsistentRead: true } };
    expect(await during(ddb('BatchGetItem', { RequestItems: request }, oregon))).toMatchObject({
      Responses: { [TableName]: [{ x: n(2) }] },
    });
  });

  it('takes a round trip to the nearest other Region for a write and a consistent read, and none for another read', async () => {
    const { put, get, clock } = await strong();
    let done = false;
    void put({ ...key('a'), x: n(1) }).then(() => {
      done = true;
    });
    await clock.advance(79);
    expect(done).toBe(false);
    await clock.advance(1);
    expect(done).toBe(true);
    expect(await get(key('a'))).toMatchObject({ x: n(1) });
  });

  it('judges conditions on the latest version: of two that take a lock, one gets it', async () => {
    const { put, get, during } = await strong(true);
    await during(put({ ...key('lock'), holder: { S: 'east' } }, once));
    const second = during(put({ ...key('lock'), holder: { S: 'west' } }, once, oregon));
    await expect(second).rejects.toMatchObject({ code: 'ConditionalCheckFailedException' });
    expect(await during(get(key('lock'), { ConsistentRead: true }, oregon))).toMatchObject({ holder: { S: 'east' } });
  });

  it('refuses a write to what another Region is writing, and takes it afterwards', async () => {
    const { put, get, during, clock, ddb } = await strong();
    const first = put({ ...key('a'), x: n(1) });
    const rival = put({ ...key('a'), x: n(2) }, {}, oregon);
    await expect(rival).rejects.toMatchObject({ code: 'ReplicatedWriteConflictException' });
    const PutRequest = { Item: { ...key('a'), x: n(3) } };
    const batch = ddb('BatchWriteItem', { RequestItems: { [TableName]: [{ PutRequest }] } }, oregon);
    await expect(batch).rejects.toMatchObject({ code: 'ReplicatedWriteConflictException' });
    const other = put({ ...key('b'), x: n(1) }, {}, oregon);
    await clock.advance(1_000);
    await Promise.all([first, other]);
    await during(put({ ...key('a'), x: n(2) }, {}, oregon));
    expect(await during(get(key('a'), { ConsistentRead: true }))).toMatchObject({ x: n(2) });
  });

  it('lets writes of one Region to one item wait for each other', async () => {
    const { update, get, during, clock } = await strong();
    const adds = Array.from({ length: 5 }, () => update(key('count'), 'ADD x :one', { ':one': n(1) }));
    await clock.advance(1_000);
    await Promise.all(adds);
    expect(await during(get(key('count'), { ConsistentRead: true }))).toMatchObject({ x: n(5) });
  });

  it.each([
    ['a third replica', false],
    ['a witness', true],
  ])(
    'on a side that is cut off refuses writes and consistent reads, and goes on where two are left (%s)',
    async (_, witness) => {
      const { put, get, during, clock, isolate, ddb } = await strong(witness);
      await during(put({ ...key('a'), x: n(1) }));
      await clock.advance(5_000);
      const mend = await isolate(east);
      const refused = { code: 'InternalServerError', status: 500 };
      await expect(put({ ...key('a'), x: n(2) })).rejects.toMatchObject(refused);
      await expect(get(key('a'), { ConsistentRead: true })).rejects.toMatchObject(refused);
      await expect(ddb('UpdateTable', { TableName, DeletionProtectionEnabled: true })).rejects.toMatchObject(refused);
      expect(await get(key('a'))).toMatchObject({ x: n(1) });

      await during(put({ ...key('a'), x: n(3) }, {}, oregon));
      expect(await during(get(key('a'), { ConsistentRead: true }, oregon))).toMatchObject({ x: n(3) });
      await clock.advance(60_000);
      expect(await get(key('a'))).toMatchObject({ x: n(1) });
      await mend();
      // Even before the backlog arrives.
      expect(await during(get(key('a'), { ConsistentRead: true }))).toMatchObject({ x: n(3) });
      await clock.advance(5_000);
      expect(await get(key('a'))).toMatchObject({ x: n(3) });
    },
  );

  it('goes on when its witness is lost, and stops in the last Region when the other replica is too', async () => {
    const { put, get, during, toDark, isolate } = await strong(true);
    await during(put({ ...key('a'), x: n(1) }));
    toDark(ohio, true);
    await during(put({ ...key('a'), x: n(2) }, {}, oregon));
    expect(await during(get(key('a'), { ConsistentRead: true }))).toMatchObject({ x: n(2) });
    await expect(during(put({ ...key('a'), x: n(9) }, once))).rejects.toMatchObject({
      code: 'ConditionalCheckFailedException',
    });

    const mend = await isolate(east);
    const refused = { code: 'InternalServerError', status: 500 };
    for (const region of [east, oregon]) {
      await expect(put({ ...key('a'), x: n(3) }, {}, region)).rejects.toMatchObject(refused);
      await expect(put({ ...key('b') }, once, region)).rejects.toMatchObject(refused);
      await expect(get(key('a'), { ConsistentRead: true }, region)).rejects.toMatchObject(refused);
      expect(await get(key('a'), {}, region)).toMatchObject({ x: n(2) });
    }
    await mend();
    await during(put({ ...key('a'), x: n(4) }, {}, oregon));
    toDark(ohio, false);
    toDark(east, true);
    // The witness alone makes the majority now, and knows what it slept through only from who is left.
    expect(await during(get(key('a'), { ConsistentRead: true }, oregon))).toMatchObject({ x: n(4) });
    await during(put({ ...key('a'), x: n(5) }, {}, oregon));
    toDark(oregon, true);
    toDark(east, false);
    expect(await during(get(key('a'), { ConsistentRead: true }))).toMatchObject({ x: n(5) });
  });

  it.each(all)('loses nothing acknowledged when %s goes dark the moment after', async (lost) => {
    const { put, get, during, clock, toDark } = await strong();
    for (const region of all) await during(put({ ...key(region), x: n(1) }, {}, region));
    const pending = put({ ...key('last'), x: n(1) }, {}, lost);
    await clock.advance(80);
    await pending;
    toDark(lost, true);
    for (const survivor of all.filter((region) => region !== lost)) {
      for (const item of [...all, 'last']) {
        expect(await during(get(key(item), { ConsistentRead: true }, survivor))).toMatchObject({ x: n(1) });
      }
      await during(put({ ...key('after', survivor), x: n(2) }, {}, survivor));
    }
  });

  it('does not let a write that a darkness cut short stand in the way, nor come back later', async () => {
    const { put, get, during, clock, toDark } = await strong();
    const cut = put({ ...key('a'), x: n(1) });
    const outcome = expect(cut).rejects.toMatchObject({ code: 'ReplicatedWriteConflictException' });
    await clock.advance(10);
    toDark(east, true);
    await during(put({ ...key('a'), x: n(2) }, {}, ohio));
    const longer = put({ ...key('a'), x: n(3) }, {}, ohio);
    await clock.advance(10);
    toDark(east, false);
    await clock.advance(1_000);
    await longer;
    await outcome;
    for (const region of all) {
      expect(await during(get(key('a'), { ConsistentRead: true }, region))).toMatchObject({ x: n(3) });
    }
  });

  it('never loses an acknowledged count, whichever Region is cut off', async () => {
    const { update, get, clock, isolate, during } = await strong();
    const random = seededRandom(7);
    let acknowledged = 0;
    let mend = async () => {};
    const adds: Promise<void>[] = [];
    for (let step = 0; step < 150; step++) {
      const region = all[step % 3] ?? east;
      adds.push(
        update(key('count'), 'ADD x :one', { ':one': n(1) }, {}, region).then(
          () => void acknowledged++,
          (error: { code?: string }) => {
            expect(['InternalServerError', 'ReplicatedWriteConflictException']).toContain(error.code);
          },
        ),
      );
      await clock.advance(Math.floor(random.next() * 120));
      if (step % 10 === 9) {
        await mend();
        mend = await isolate(all[Math.floor(random.next() * 3)] ?? east);
      }
    }
    await mend();
    await clock.advance(5_000);
    await Promise.all(adds);
    expect(acknowledged).toBeGreaterThan(30);
    for (const region of all) {
      expect(await during(get(key('count'), { ConsistentRead: true }, region))).toMatchObject({ x: n(acknowledged) });
    }
  });

  it.each<[string, object, object, RegExp]>([
    ['two Regions', {}, { ReplicaUpdates: [join(ohio)] }, /exactly three Regions/],
    ['four', {}, { ReplicaUpdates: [join(ohio), join(oregon), join('us-west-1')] }, /exactly three Regions/],
    [
      'a Region twice',
      {},
      { ReplicaUpdates: [join(ohio)], GlobalTableWitnessUpdates: [join(ohio)] },
      /exactly three Regions/,
    ],
    ['Regions of two sets', {}, { ReplicaUpdates: [join(ohio), join('eu-west-1')] }, /one Region set/],
    [
      'a local index',
      {
        LocalSecondaryIndexes: [
          {
            IndexName: 'local',
            KeySchema: [
              { AttributeName: 'pk', KeyType: 'HASH' },
              { AttributeName: 'x', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        AttributeDefinitions: [...definition.AttributeDefinitions, { AttributeName: 'x', AttributeType: 'N' }],
      },
      { ReplicaUpdates: [join(ohio), join(oregon)] },
      /Local secondary indexes/,
    ],
  ])('is not made of %s', async (_, table, update, message) => {
    const sandbox = three();
    await sandbox.table(table);
    const asked = sandbox.ddb('UpdateTable', { TableName, MultiRegionConsistency: 'STRONG', ...update });
    await expect(asked).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringMatching(message),
    });
    expect((await sandbox.describe(east)).Replicas).toBeUndefined();
  });

  it('is not made of a table with items or with expiry, and has no expiry and no transactions afterwards', async () => {
    const update = { TableName, MultiRegionConsistency: 'STRONG', ReplicaUpdates: [join(ohio), join(oregon)] };
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'until' };
    const full = three();
    await full.table();
    await full.put({ ...key('a') });
    await expect(full.ddb('UpdateTable', update)).rejects.toThrow(/must be empty/);
    await full.ddb('DeleteItem', { TableName, Key: key('a') });
    await full.ddb('UpdateTimeToLive', { TableName, TimeToLiveSpecification });
    await expect(full.ddb('UpdateTable', update)).rejects.toThrow(/TimeToLive/);

    const { ddb } = await strong();
    await expect(ddb('UpdateTimeToLive', { TableName, TimeToLiveSpecification })).rejects.toThrow(/TimeToLive/);
    const TransactItems = [{ Put: { TableName, Item: key('a') as Item } }];
    await expect(ddb('TransactWriteItems', { TransactItems })).rejects.toMatchObject({ code: 'ValidationException' });
    const gets = [{ Get: { TableName, Key: key('a') } }];
    await expect(ddb('TransactGetItems', { TransactItems: gets })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('is taken apart as it was made: all at once, down to a table of one Region', async () => {
    const { ddb, put, get, during, clock, describe } = await strong(true);
    await during(put({ ...key('a'), x: n(1) }));
    const refused = { code: 'ValidationException' };
    await expect(ddb('UpdateTable', { TableName, ReplicaUpdates: [leave(oregon)] })).rejects.toMatchObject(refused);
    await expect(ddb('UpdateTable', { TableName, ReplicaUpdates: [join(ohio)] })).rejects.toMatchObject(refused);
    await expect(ddb('DeleteTable', { TableName }, oregon)).rejects.toMatchObject(refused);
    await ddb('UpdateTable', {
      TableName,
      ReplicaUpdates: [leave(oregon)],
      GlobalTableWitnessUpdates: [leave(ohio)],
    });
    await clock.advance(10_000);
    expect(await describe(east)).not.toHaveProperty('MultiRegionConsistency');
    await expect(describe(oregon)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    expect(await get(key('a'), { ConsistentRead: true })).toMatchObject({ x: n(1) });
    await ddb('DeleteTable', { TableName });
  });
});
