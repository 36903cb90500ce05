/** Parameter Store: versions, labels, history, SecureString, trees, pages, and how it refuses. */

import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  GetParameterCommand,
  GetParametersCommand,
  HierarchyLevelLimitExceededException,
  HierarchyTypeMismatchException,
  InvalidKeyId,
  LabelParameterVersionCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  ParameterPatternMismatchException,
  ParameterVersionNotFound,
  PutParameterCommand,
  paginateDescribeParameters,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { byText, contractCase, pagesOf, refused } from '../contract.ts';

export const ssm = [
  contractCase('versions count up, and overwriting has to be asked for', async (target) => {
    const { client, put, Name } = parametersOf(target);
    expect(await put(Name, 'one')).toMatchObject({ Version: 1, Tier: 'Standard' });
    await refused(put(Name, 'two'), ParameterAlreadyExists, 400);
    expect(await put(Name, 'two', { Overwrite: true })).toMatchObject({ Version: 2 });
    const { Parameter } = await client.send(new GetParameterCommand({ Name }));
    expect(Parameter).toMatchObject({ Name, Value: 'two', Version: 2, Type: 'String', DataType: 'text' });
    expect(Parameter?.ARN).toBe(`arn:aws:ssm:${target.region}:${target.account}:parameter${Name}`);
    expect(Parameter?.LastModifiedDate).toBeInstanceOf(Date);
    const first = await client.send(new GetParameterCommand({ Name: `${Name}:1` }));
    expect(first.Parameter).toMatchObject({ Value: 'one', Version: 1, Selector: ':1' });
    await refused(client.send(new GetParameterCommand({ Name: `${Name}:9` })), ParameterVersionNotFound, 400);
    await refused(client.send(new GetParameterCommand({ Name: `${Name}/none` })), ParameterNotFound, 400);
  }),

  contractCase('labels move, and what they name is read by them', async (target) => {
    const { client, put, Name } = parametersOf(target);
    await put(Name, 'one');
    await put(Name, 'two', { Overwrite: true });
    const label = (ParameterVersion: number, ...Labels: string[]) =>
      client.send(new LabelParameterVersionCommand({ Name, ParameterVersion, Labels }));
    expect(await label(1, 'live')).toMatchObject({ InvalidLabels: [], ParameterVersion: 1 });
    const live = await client.send(new GetParameterCommand({ Name: `${Name}:live` }));
    expect(live.Parameter).toMatchObject({ Value: 'one', Version: 1 });
    await label(2, 'live');
    const moved = await client.send(new GetParameterCommand({ Name: `${Name}:live` }));
    expect(moved.Parameter).toMatchObject({ Value: 'two', Version: 2 });
    expect(await label(2, 'aws-no', '1no')).toMatchObject({ InvalidLabels: ['aws-no', '1no'] });
    await refused(label(9, 'x'), ParameterVersionNotFound, 400);
    const history = (await pagesOf(paginateGetParameterHistory({ client, pageSize: 1 }, { Name }))).flatMap(
      ({ Parameters = [] }) => Parameters,
    );
    expect(history.map(({ Version, Value, Labels }) => [Version, Value, Labels ?? []])).toEqual([
      [1, 'one', []],
      [2, 'two', ['live']],
    ]);
  }),

  contractCase(
    'secure strings are encrypted under the key named, and read only when decryption is asked for',
    async (target) => {
      const { client, put, Name } = parametersOf(target);
      const kms = target.client(KMSClient);
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'contract' }));
      const KeyId = KeyMetadata?.KeyId;
      target.after(() => kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })));
      await put(Name, 'secret', { Type: 'SecureString', KeyId });
      const closed = await client.send(new GetParameterCommand({ Name }));
      expect(closed.Parameter?.Type).toBe('SecureString');
      expect(closed.Parameter?.Value).not.toContain('secret');
      const open = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
      expect(open.Parameter?.Value).toBe('secret');
      await refused(
        put(`${Name}-x`, 'v', { Type: 'SecureString', KeyId: 'alias/pl-contract-no-such-key' }),
        InvalidKeyId,
        400,
      );
    },
    { cost: 'cents' },
  ),

  contractCase('a tree is read by path, page by page, recursively or not', async (target) => {
    const { client, put, Name } = parametersOf(target);
    for (const leaf of ['a', 'b', 'c', 'deep/d', 'deep/e']) await put(`${Name}/${leaf}`, leaf);
    const read = async (Recursive: boolean): Promise<(string | undefined)[][]> => {
      const pages = await pagesOf(paginateGetParametersByPath({ client, pageSize: 2 }, { Path: Name, Recursive }));
      return pages.map(({ Parameters = [] }) => Parameters.map(({ Value }) => Value));
    };
    expect((await read(false)).flat().sort(byText)).toEqual(['a', 'b', 'c']);
    const all = await read(true);
    expect(all.flat().sort(byText)).toEqual(['a', 'b', 'c', 'deep/d', 'deep/e'].map((leaf) => leaf));
    expect(Math.max(...all.map((page) => page.length))).toBeLessThanOrEqual(2);
  }),

  contractCase('several at once: those that exist, and the names of those that do not', async (target) => {
    const { client, put, Name } = parametersOf(target);
    await put(Name, 'v');
    const { Parameters = [], InvalidParameters } = await client.send(
      new GetParametersCommand({ Names: [Name, `${Name}-none`] }),
    );
    expect([Parameters.map((parameter) => parameter.Value), InvalidParameters]).toEqual([['v'], [`${Name}-none`]]);
    const gone = await client.send(new DeleteParametersCommand({ Names: [Name, `${Name}-none`] }));
    expect(gone).toMatchObject({ DeletedParameters: [Name], InvalidParameters: [`${Name}-none`] });
    await refused(client.send(new DeleteParameterCommand({ Name })), ParameterNotFound, 400);
  }),

  contractCase('descriptions are filtered by name, type and tag', async (target) => {
    const { client, put, Name } = parametersOf(target);
    await put(`${Name}/a`, 'x', { Description: 'first', Tags: [{ Key: 'team', Value: 'red' }] });
    await put(`${Name}/b`, 'y,z', { Type: 'StringList' });
    const described = async (...ParameterFilters: object[]): Promise<(string | undefined)[]> => {
      const pages = await pagesOf(paginateDescribeParameters({ client }, { ParameterFilters } as never));
      return pages.flatMap(({ Parameters = [] }) => Parameters.map((parameter) => parameter.Name)).sort(byText);
    };
    const under = { Key: 'Path', Option: 'Recursive', Values: [Name] };
    expect(await described(under)).toEqual([`${Name}/a`, `${Name}/b`]);
    expect(await described(under, { Key: 'Type', Values: ['StringList'] })).toEqual([`${Name}/b`]);
    expect(await described({ Key: 'Name', Option: 'BeginsWith', Values: [`${Name}/a`] })).toEqual([`${Name}/a`]);
    expect(await described(under, { Key: 'tag:team', Values: ['red'] })).toEqual([`${Name}/a`]);
    await refused(described({ Key: 'Colour', Values: ['x'] }), 'ValidationException', 400);
  }),

  contractCase('bad input: names, types, patterns and values', async (target) => {
    const { put, Name } = parametersOf(target);
    await refused(put(`${Name}/${'a/'.repeat(16)}b`, 'v'), HierarchyLevelLimitExceededException, 400);
    await refused(put('/aws/mine', 'v'), 'AccessDeniedException', 400);
    await refused(put(`${Name} x`, 'v'), 'ValidationException', 400);
    await refused(put(Name, 'x', { AllowedPattern: '^\\d+$' }), ParameterPatternMismatchException, 400);
    await refused(put(Name, 'x'.repeat(4097)), 'ValidationException', 400);
    await refused(put(Name, 'x', { Type: 'Number' }), 'ValidationException', 400);
    await put(Name, 'x');
    await refused(put(Name, 'x', { Type: 'StringList', Overwrite: true }), HierarchyTypeMismatchException, 400);
  }),
];

interface Parameters {
  readonly client: SSMClient;
  /** A name under which nothing is. */
  readonly Name: string;
  readonly put: (Name: string, Value: string, more?: object) => Promise<object>;
}

function parametersOf(target: ContractTarget): Parameters {
  const client = target.client(SSMClient);
  return {
    client,
    Name: `/${target.name()}`,
    async put(Name, Value, more = {}) {
      const put = await client.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
      target.after(() => client.send(new DeleteParametersCommand({ Names: [Name] })));
      return put;
    },
  };
}
