import { describe, expect, it } from 'vitest';
import { dynamoSandbox, key } from './support.ts';

const n = (value: number | string) => ({ N: String(value) });
const s = (S: string) => ({ S });

describe('items', () => {
  it('answers every type as it was put, numbers in their shortest form', async () => {
    const { table, put, get } = dynamoSandbox();
    await table();
    const item = {
      ...key('a'),
      raw: { B: new Uint8Array([0, 255]) },
      list: { L: [{ BOOL: false }, { NULL: true as const }] },
      map: { M: { empty: { M: {} } } },
      set: { SS: ['x', 'y'] },
      number: n('01.10'),
    };
    await put(item);
    const read = await get(key('a'));
    expect(read).toEqual({ ...item, number: n('1.1'), raw: { B: Buffer.from([0, 255]) } });
    expect(await get(key('b'))).toBeUndefined();
  });

  it('reads only what a projection names', async () => {
    const { table, put, get } = dynamoSandbox();
    await table();
    await put({ ...key('a'), x: { M: { y: n(1), z: n(2) } }, l: { L: [n(1), n(2), n(3)] }, other: n(9) });
    const read = await get(key('a'), { ProjectionExpression: 'x.z, l[2], l[0], absent' });
    expect(read).toEqual({ x: { M: { z: n(2) } }, l: { L: [n(1), n(3)] } });
  });

  it('puts on a condition, and shows what stood in the way', async () => {
    const { table, put } = dynamoSandbox();
    await table();
    const once = { ConditionExpression: 'attribute_not_exists(pk)' };
    await put({ ...key('lock'), holder: s('one') }, once);
    const second = put(
      { ...key('lock'), holder: s('two') },
      { ...once, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    );
    await expect(second).rejects.toMatchObject({
      code: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      fields: { Item: { ...key('lock'), holder: s('one') } },
    });
    await expect(put(key('lock'), once)).rejects.toMatchObject({ fields: {} });
    expect((await put(key('lock'), { ReturnValues: 'ALL_OLD' })).Attributes).toMatchObject({ holder: s('one') });
  });

  it('sets, removes, adds and deletes in one update, each reading the item as it was', async () => {
    const { table, put, update, get } = dynamoSandbox();
    await table();
    await put({
      ...key('a'),
      x: n(1),
      y: n(10),
      elements: { L: [n(0), n(1), n(2)] },
      tags: { SS: ['a', 'b'] },
      gone: s('x'),
    });
    await update(
      key('a'),
      'SET x = y, y = x + :1, elements[0] = :9, made = if_not_exists(made, :9), kept = if_not_exists(x, :9) ' +
        'REMOVE gone, elements[1] ADD hits :1, more :set DELETE tags :set',
      { ':1': n(1), ':9': n(9), ':set': { SS: ['a'] } },
    );
    expect(await get(key('a'))).toEqual({
      ...key('a'),
      x: n(10),
      y: n(2),
      elements: { L: [n(9), n(2)] },
      made: n(9),
      kept: n(1),
      hits: n(1),
      more: { SS: ['a'] },
      tags: { SS: ['b'] },
    });
  });

  it('appends to lists, past their end too, and joins them', async () => {
    const { table, put, update, get } = dynamoSandbox();
    await table();
    await put({ ...key('a'), elements: { L: [n(1)] } });
    await update(key('a'), 'SET elements[7] = :two', { ':two': n(2) });
    await update(key('a'), 'SET elements = list_append(elements, :more)', { ':more': { L: [n(3)] } });
    expect((await get(key('a')))?.elements).toEqual({ L: [n(1), n(2), n(3)] });
    await update(key('a'), 'REMOVE elements[0], elements[2]');
    expect((await get(key('a')))?.elements).toEqual({ L: [n(2)] });
  });

  it('makes an item that was not there, and drops a set that loses all', async () => {
    const { table, update, get } = dynamoSandbox();
    await table();
    await update(key('new'), 'ADD hits :1, tags :t', { ':1': n(1), ':t': { SS: ['x'] } });
    await update(key('new'), 'ADD hits :1 DELETE tags :t', { ':1': n('0.5'), ':t': { SS: ['x'] } });
    expect(await get(key('new'))).toEqual({ ...key('new'), hits: n('1.5') });
  });

  it('returns what was asked of an update', async () => {
    const { table, put, update } = dynamoSandbox();
    await table();
    await put({ ...key('a'), x: n(1), m: { M: { y: n(1), z: n(1) } } });
    const change = async (ReturnValues: string) =>
      (await update(key('a'), 'SET x = x + :1, m.y = :1', { ':1': n(1) }, { ReturnValues })).Attributes;
    expect(await change('UPDATED_OLD')).toEqual({ x: n(1), m: { M: { y: n(1) } } });
    expect(await change('UPDATED_NEW')).toEqual({ x: n(3), m: { M: { y: n(1) } } });
    expect(await change('ALL_OLD')).toMatchObject({ x: n(3), m: { M: { z: n(1) } } });
    expect(await change('ALL_NEW')).toMatchObject({ x: n(5), ...key('a') });
    expect(await change('NONE')).toBeUndefined();
  });

  it('leaves the item alone when anything about an update is wrong', async () => {
    const { table, put, update, get } = dynamoSandbox();
    await table();
    const item = { ...key('a'), x: s('text'), m: { M: {} } };
    await put(item);
    const one = { ':1': n(1) };
    const wrong: [string, RegExp][] = [
      ['SET x = x + :1', /incorrect data type/],
      ['SET y = absent + :1', /refers to an attribute that does not exist/],
      ['SET absent.deep = :1', /document path provided in the update expression is invalid/],
      ['SET m[0] = :1', /document path provided in the update expression is invalid/],
      ['SET pk = :1', /Cannot update attribute pk. This attribute is part of the key/],
      ['SET m.a = :1, m = :1', /Two document paths overlap/],
      ['SET m.a = :1, m[0] = :1', /Two document paths conflict/],
      ['SET a = :1 SET b = :1', /The "SET" section can only be used once/],
      ['ADD x :1', /incorrect data type/],
      ['DELETE x :1', /Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER/],
      ['SET name = :1', /reserved keyword: name/],
      ['PUT x = :1', /Syntax error; token: "PUT"/],
    ];
    for (const [expression, message] of wrong) await expect(update(key('a'), expression, one)).rejects.toThrow(message);
    await expect(update(key('a'), 'REMOVE x', one)).rejects.toThrow(
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:1}',
    );
    expect(await get(key('a'))).toEqual(item);
  });

  it('checks keys against the schema', async () => {
    const { table, put, get } = dynamoSandbox();
    await table();
    await expect(put({ pk: s('a') })).rejects.toThrow('Missing the key sk in the item');
    await expect(put({ pk: n(1), sk: s('x') })).rejects.toThrow('Type mismatch for key pk expected: S actual: N');
    await expect(put({ ...key(''), x: n(1) })).rejects.toThrow('cannot contain an empty string value. Key: pk');
    await expect(get({ pk: s('a') })).rejects.toThrow('The provided key element does not match the schema');
    await expect(put(key('x'.repeat(2049)))).rejects.toThrow('maximum size limit of2048 bytes');
  });

  it('refuses values that are not values, and items beyond 400 KB', async () => {
    const { table, put, update } = dynamoSandbox();
    await table();
    await expect(put({ ...key('a'), x: {} as never })).rejects.toThrow('Supplied AttributeValue is empty');
    await expect(put({ ...key('a'), x: { SS: [] } })).rejects.toThrow('may not be empty');
    await expect(put({ ...key('a'), x: { NS: ['1', '1.0'] } })).rejects.toThrow('contains duplicates');
    await put({ ...key('a'), x: s('x'.repeat(400 * 1024 - 100)) });
    await expect(put({ ...key('a'), x: s('x'.repeat(400 * 1024)) })).rejects.toThrow('Item size has exceeded');
    await expect(update(key('a'), 'SET y = :y', { ':y': s('y'.repeat(200)) })).rejects.toThrow('Item size to update');
  });

  it('refuses what it does not do by name, and counts capacity for those who ask', async () => {
    const { table, put, ddb } = dynamoSandbox();
    await table();
    await expect(put(key('a'), { Expected: {} })).rejects.toThrow(/Expected of dynamodb:PutItem/);
    expect(await put({ ...key('a'), x: s('x'.repeat(1500)) }, { ReturnConsumedCapacity: 'TOTAL' })).toEqual({
      ConsumedCapacity: { TableName: 't1t', CapacityUnits: 2 },
    });
    await expect(ddb('GetItem', { TableName: 'none', Key: key('a') })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  it('deletes on a condition', async () => {
    const { table, put, ddb, get } = dynamoSandbox();
    await table();
    await put({ ...key('a'), epoch: n(3) });
    const remove = (epoch: number) =>
      ddb('DeleteItem', {
        TableName: 't1t',
        Key: key('a'),
        ConditionExpression: 'epoch = :e',
        ExpressionAttributeValues: { ':e': n(epoch) },
        ReturnValues: 'ALL_OLD',
      });
    await expect(remove(2)).rejects.toMatchObject({ code: 'ConditionalCheckFailedException' });
    expect((await remove(3)).Attributes).toMatchObject({ epoch: n(3) });
    expect(await get(key('a'))).toBeUndefined();
  });
});
