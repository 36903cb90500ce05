import { describe, expect, it } from 'vitest';
import type { DynamoSandbox, Item } from './support.ts';
import { definition, dynamoSandbox, key } from './support.ts';

const s = (S: string) => ({ S });
const n = (value: number) => ({ N: String(value) });

const indexed = {
  AttributeDefinitions: [
    ...definition.AttributeDefinitions,
    { AttributeName: 'kind', AttributeType: 'S' },
    { AttributeName: 'size', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-kind',
      KeySchema: [
        { AttributeName: 'kind', KeyType: 'HASH' },
        { AttributeName: 'size', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['title'] },
    },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'by-size',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'size', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
};

async function filled(): Promise<DynamoSandbox> {
  const sandbox = dynamoSandbox();
  await sandbox.table(indexed);
  for (let index = 0; index < 12; index++) {
    const sk = `2026-${String(index + 1).padStart(2, '0')}`;
    const size = { size: n(100 - index * 9) };
    await sandbox.put({ ...key('album', sk), kind: s(index % 2 ? 'odd' : 'even'), title: s(`t${index}`), ...size });
  }
  await sandbox.put({ ...key('other', 'x'), title: s('no kind') });
  return sandbox;
}

const sorts = (items: Item[] | undefined) => items?.map((item) => item.sk?.S);
const album = { ':p': s('album') };

describe('queries', () => {
  it('answers a partition in order, either way, in a range', async () => {
    const { query } = await filled();
    const all = await query('pk = :p', album);
    expect(sorts(all.Items)?.slice(0, 2)).toEqual(['2026-01', '2026-02']);
    expect(all.Count).toBe(12);
    const back = await query('pk = :p AND sk < :m', { ...album, ':m': s('2026-04') }, { ScanIndexForward: false });
    expect(sorts(back.Items)).toEqual(['2026-03', '2026-02', '2026-01']);
    const between = await query('sk BETWEEN :a AND :b AND pk = :p', {
      ...album,
      ':a': s('2026-02'),
      ':b': s('2026-03'),
    });
    expect(sorts(between.Items)).toEqual(['2026-02', '2026-03']);
    const begins = await query('pk = :p AND begins_with(sk, :a)', { ...album, ':a': s('2026-1') });
    expect(sorts(begins.Items)).toEqual(['2026-10', '2026-11', '2026-12']);
  });

  it('pages by what it read, not by what it found', async () => {
    const { query } = await filled();
    const filter = { FilterExpression: 'kind = :k', Limit: 5, IndexName: undefined };
    const seen: (string | undefined)[] = [];
    let ExclusiveStartKey: Item | undefined;
    let pages = 0;
    do {
      const page = await query('pk = :p', { ...album, ':k': s('odd') }, { ...filter, ExclusiveStartKey });
      seen.push(...(sorts(page.Items) ?? []));
      expect(page.ScannedCount).toBeLessThanOrEqual(5);
      ExclusiveStartKey = page.LastEvaluatedKey;
      pages++;
    } while (ExclusiveStartKey !== undefined);
    expect(seen).toEqual(['2026-02', '2026-04', '2026-06', '2026-08', '2026-10', '2026-12']);
    expect(pages).toBe(3);
  });

  it('stops a page at one megabyte', async () => {
    const { table, put, query } = dynamoSandbox();
    await table();
    for (const sk of ['1', '2', '3', '4']) await put({ ...key('big', sk), x: s('x'.repeat(390 * 1024)) });
    const page = await query('pk = :p', { ':p': s('big') });
    expect(page.Count).toBe(3);
    expect(page.LastEvaluatedKey).toEqual(key('big', '3'));
  });

  it('reads a global index: only what has its keys, in its order, with what it projects', async () => {
    const { query } = await filled();
    const even = await query(
      'kind = :k AND size > :s',
      { ':k': s('even'), ':s': n(50) },
      {
        IndexName: 'by-kind',
        ExpressionAttributeNames: undefined,
      },
    ).catch((error: unknown) => error);
    expect(even).toMatchObject({ message: expect.stringContaining('reserved keyword: size') as string });
    const names = { ExpressionAttributeNames: { '#s': 'size' }, IndexName: 'by-kind' };
    const found = await query('kind = :k AND #s > :s', { ':k': s('even'), ':s': n(50) }, names);
    expect(found.Items?.map((item) => item.size?.N)).toEqual(['64', '82', '100']);
    expect(Object.keys(found.Items?.[0] ?? {}).sort()).toEqual(['kind', 'pk', 'size', 'sk', 'title']);
    const consistent = query('kind = :k', { ':k': s('even') }, { IndexName: 'by-kind', ConsistentRead: true });
    await expect(consistent).rejects.toThrow('Consistent reads are not supported on global secondary indexes');
  });

  it('pages through an index by both keys', async () => {
    const { query } = await filled();
    const first = await query('kind = :k', { ':k': s('odd') }, { IndexName: 'by-kind', Limit: 2 });
    expect(Object.keys(first.LastEvaluatedKey ?? {}).sort()).toEqual(['kind', 'pk', 'size', 'sk']);
    const rest = await query(
      'kind = :k',
      { ':k': s('odd') },
      { IndexName: 'by-kind', ExclusiveStartKey: first.LastEvaluatedKey },
    );
    expect(rest.Count).toBe(4);
  });

  it('reads a local index, and past it when asked for more', async () => {
    const { query } = await filled();
    const keysOnly = await query('pk = :p', album, { IndexName: 'by-size', Limit: 1 });
    expect(Object.keys(keysOnly.Items?.[0] ?? {}).sort()).toEqual(['pk', 'size', 'sk']);
    const all = await query('pk = :p', album, { IndexName: 'by-size', Limit: 1, Select: 'ALL_ATTRIBUTES' });
    expect(all.Items?.[0]).toMatchObject({ title: s('t11'), size: n(1) });
  });

  it('counts', async () => {
    const { query } = await filled();
    const counted = await query('pk = :p', album, { Select: 'COUNT' });
    expect(counted).toMatchObject({ Count: 12, ScannedCount: 12 });
    expect(counted.Items).toBeUndefined();
  });

  it.each([
    ['sk = :p', 'Query condition missed key schema element: pk'],
    ['pk > :p', 'Query key condition not supported'],
    ['pk = :p AND title = :p', 'Query condition missed key schema element'],
    ['pk = :p AND sk <> :p', 'Invalid operator used in KeyConditionExpression: <>'],
    ['pk = :p OR sk = :p', 'Query key condition not supported'],
    ['pk = :p AND pk = :p', 'one condition per key'],
  ])('refuses the key condition %s', async (condition, message) => {
    const { query } = await filled();
    await expect(query(condition, album)).rejects.toThrow(message);
  });

  it('refuses filters on keys, and keys of the wrong type', async () => {
    const { query } = await filled();
    await expect(query('pk = :p', album, { FilterExpression: 'sk = :p' })).rejects.toThrow(
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
    );
    await expect(query('pk = :p', { ':p': n(1) })).rejects.toThrow(
      'Condition parameter type does not match schema type',
    );
  });
});

describe('scans', () => {
  it('reads everything once, in pages and in segments', async () => {
    const { ddb, put } = await filled();
    for (let index = 0; index < 20; index++) await put(key(`p${index}`));
    const seen: string[] = [];
    for (const Segment of [0, 1, 2]) {
      let ExclusiveStartKey: Item | undefined;
      do {
        const page = await ddb('Scan', { TableName: 't1t', Limit: 4, Segment, TotalSegments: 3, ExclusiveStartKey });
        seen.push(...(page.Items ?? []).map((item) => `${item.pk?.S} ${item.sk?.S}`));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
    }
    expect(seen).toHaveLength(33);
    expect(new Set(seen).size).toBe(33);
  });

  it('filters, keys too, and projects', async () => {
    const { ddb } = await filled();
    const found = await ddb('Scan', {
      TableName: 't1t',
      FilterExpression: 'pk = :p',
      ProjectionExpression: 'title',
      ExpressionAttributeValues: { ':p': s('other') },
    });
    expect(found).toMatchObject({ Items: [{ title: s('no kind') }], Count: 1, ScannedCount: 13 });
  });
});
