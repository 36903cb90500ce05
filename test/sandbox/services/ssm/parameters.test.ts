import { rmSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { AwsError, operation } from '../../../../src/sandbox/contract.ts';
import { stockImageId } from '../../../../src/sandbox/instances/stock-image.ts';
import { createSsmService } from '../../../../src/sandbox/services/ssm/service.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';

interface Parameter {
  Name: string;
  Value: string;
  Version: number;
  Selector?: string;
  Labels: string[];
}

function ssmSandbox(extra: readonly ServiceFactory[] = []) {
  const events: { DetailType: string; Detail: string; Resources: string[] }[] = [];
  const bus: ServiceFactory = () => ({
    name: 'events',
    operations: {
      PutEvents: operation((input: { Entries: typeof events }) => {
        events.push(...input.Entries);
        return {};
      }),
    },
  });
  const sandbox = testSandbox([createSsmService, bus, ...extra]);
  onTestFinished(() => rmSync(sandbox.core.directory, { recursive: true, force: true }));
  const ssm = <Output = Record<string, unknown>>(name: string, input: object, region?: string) =>
    sandbox.call<Output>('ssm', name, input, region);
  return {
    ...sandbox,
    ssm,
    events,
    details: () => events.map((event) => JSON.parse(event.Detail) as Record<string, unknown>),
    put: (Name: string, Value: string, more: object = {}) =>
      ssm<{ Version: number; Tier: string }>('PutParameter', { Name, Value, Type: 'String', Overwrite: true, ...more }),
    get: async (Name: string, more: object = {}) =>
      (await ssm<{ Parameter: Parameter }>('GetParameter', { Name, ...more })).Parameter,
  };
}

/** Encrypts by putting the context in front; refuses keys it doesn't know and contexts that differ. */
const kms: ServiceFactory = () => {
  const seal = (context: object, text: string) => Buffer.from(JSON.stringify({ context, text }));
  return {
    name: 'kms',
    operations: {
      Encrypt: operation((input: { KeyId: string; Plaintext: Uint8Array; EncryptionContext: object }) => {
        if (!['alias/aws/ssm', 'alias/app'].includes(input.KeyId)) {
          throw new AwsError('NotFoundException', `Alias ${input.KeyId} is not found.`);
        }
        return { CiphertextBlob: seal(input.EncryptionContext, Buffer.from(input.Plaintext).toString('hex')) };
      }),
      Decrypt: operation((input: { CiphertextBlob: Uint8Array; EncryptionContext: object }) => {
        const { context, text } = JSON.parse(Buffer.from(input.CiphertextBlob).toString()) as {
          context: object;
          text: string;
        };
        if (JSON.stringify(context) !== JSON.stringify(input.EncryptionContext)) {
          throw new AwsError('InvalidCiphertextException', 'bad');
        }
        return { Plaintext: Buffer.from(text, 'hex') };
      }),
    },
  };
};

describe('parameters', () => {
  it('counts versions, and finds them by number, by label and by ARN', async () => {
    const { put, get, ssm } = ssmSandbox();
    expect(await put('/app/size', '1')).toEqual({ Version: 1, Tier: 'Standard' });
    expect((await put('/app/size', '2')).Version).toBe(2);
    await ssm('LabelParameterVersion', { Name: '/app/size', ParameterVersion: 1, Labels: ['good'] });
    expect(await get('/app/size')).toMatchObject({ Value: '2', Version: 2, DataType: 'text' });
    expect(await get('/app/size:1')).toMatchObject({ Value: '1', Selector: ':1' });
    expect(await get('/app/size:good')).toMatchObject({ Value: '1', Version: 1, Selector: ':good' });
    const arn = 'arn:aws:ssm:us-east-1:111122223333:parameter/app/size';
    expect(await get(arn)).toMatchObject({ Value: '2', ARN: arn });
    await expect(get('/app/size:9')).rejects.toMatchObject({ code: 'ParameterVersionNotFound' });
    await expect(get('/app/none')).rejects.toMatchObject({ code: 'ParameterNotFound' });
    await expect(get(arn.replace('us-east-1', 'us-west-2'))).rejects.toMatchObject({ code: 'ParameterNotFound' });
  });

  it('overwrites only when asked, and keeps what was not given', async () => {
    const { put, ssm, get } = ssmSandbox();
    await put('a', '1', { Description: 'first', AllowedPattern: '\\d+' });
    await expect(put('a', '2', { Overwrite: false })).rejects.toMatchObject({ code: 'ParameterAlreadyExists' });
    await expect(put('a', 'x')).rejects.toMatchObject({ code: 'ParameterPatternMismatchException' });
    await put('a', '3', { Type: undefined });
    const { Parameters } = await ssm('DescribeParameters', {});
    expect(Parameters).toMatchObject([{ Name: 'a', Description: 'first', AllowedPattern: '\\d+', Version: 2 }]);
    await expect(put('a', '4', { Type: 'StringList' })).rejects.toMatchObject({
      code: 'HierarchyTypeMismatchException',
    });
    await expect(put('b', '4', { Type: undefined })).rejects.toThrow('A parameter type is required');
    expect((await get('a')).Value).toBe('3');
  });

  it('keeps 100 versions, and stops when a label holds the oldest', async () => {
    const { put, ssm } = ssmSandbox();
    for (let version = 1; version <= 101; version++) await put('/app/v', String(version));
    const history = await ssm<{ Parameters: Parameter[] }>('GetParameterHistory', { Name: '/app/v' });
    expect(history.Parameters).toHaveLength(50);
    expect(history.Parameters[0]?.Version).toBe(2);
    await ssm('LabelParameterVersion', { Name: '/app/v', ParameterVersion: 2, Labels: ['kept'] });
    await expect(put('/app/v', '102')).rejects.toMatchObject({ code: 'ParameterMaxVersionLimitExceeded' });
    await ssm('LabelParameterVersion', { Name: '/app/v', ParameterVersion: 101, Labels: ['kept'] });
    expect((await put('/app/v', '102')).Version).toBe(102);
  });

  it('moves labels, and says which it will not take', async () => {
    const { put, ssm } = ssmSandbox();
    await put('a', '1');
    await put('a', '2');
    await ssm('LabelParameterVersion', { Name: 'a', ParameterVersion: 1, Labels: ['live'] });
    const answer = await ssm('LabelParameterVersion', { Name: 'a', Labels: ['live', '1st', 'aws-x'] });
    expect(answer).toEqual({ InvalidLabels: ['1st', 'aws-x'], ParameterVersion: 2 });
    const { Parameters } = await ssm<{ Parameters: Parameter[] }>('GetParameterHistory', { Name: 'a' });
    expect(Parameters.map((one) => one.Labels)).toEqual([[], ['live']]);
    expect(await ssm('UnlabelParameterVersion', { Name: 'a', ParameterVersion: 2, Labels: ['live', 'x'] })).toEqual({
      RemovedLabels: ['live'],
      InvalidLabels: ['x'],
    });
  });

  it('walks a path ten at a time, one level or all', async () => {
    const { put, ssm } = ssmSandbox();
    for (let index = 0; index < 12; index++) await put(`/app/p${String(index).padStart(2, '0')}`, 'x');
    await put('/app/deep/one', 'y', { Type: 'StringList' });
    await put('/apple', 'z');
    const page = await ssm<{ Parameters: Parameter[]; NextToken?: string }>('GetParametersByPath', { Path: '/app' });
    expect(page.Parameters).toHaveLength(10);
    const rest = await ssm<{ Parameters: Parameter[]; NextToken?: string }>('GetParametersByPath', {
      Path: '/app',
      NextToken: page.NextToken,
    });
    expect(rest.Parameters.map((one) => one.Name)).toEqual(['/app/p10', '/app/p11']);
    expect(rest.NextToken).toBeUndefined();
    const lists = await ssm<{ Parameters: Parameter[] }>('GetParametersByPath', {
      Path: '/app/',
      Recursive: true,
      ParameterFilters: [{ Key: 'Type', Values: ['StringList'] }],
    });
    expect(lists.Parameters.map((one) => one.Name)).toEqual(['/app/deep/one']);
    await expect(ssm('GetParametersByPath', { Path: '/app', MaxResults: 11 })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('passes over none while others come and go between the pages', async () => {
    const { put, ssm } = ssmSandbox();
    type Page = { Parameters: Parameter[]; NextToken?: string };
    const names = Array.from({ length: 25 }, (_, index) => `/app/p${String(index + 10)}`);
    for (const name of names) await put(name, 'x');
    const walk = async (operation: string, input: object): Promise<(string | undefined)[]> => {
      const first = await ssm<Page>(operation, { ...input, MaxResults: 10 });
      await ssm('DeleteParameter', { Name: names[3] });
      await put('/app/p00', 'new');
      const rest = [first];
      for (let next = first.NextToken; next !== undefined; next = rest.at(-1)?.NextToken) {
        rest.push(await ssm<Page>(operation, { ...input, NextToken: next, MaxResults: 10 }));
      }
      await put(names[3] ?? '', 'x');
      await ssm('DeleteParameter', { Name: '/app/p00' });
      return rest.flatMap(({ Parameters }) => Parameters.map(({ Name }) => Name));
    };
    expect(await walk('GetParametersByPath', { Path: '/app' })).toEqual(names);
    expect(await walk('DescribeParameters', {})).toEqual(names);
    await expect(ssm('GetParametersByPath', { Path: '/app', NextToken: 'MTA' })).rejects.toMatchObject({
      code: 'InvalidNextToken',
    });
  });

  it('answers labelled versions by path', async () => {
    const { put, ssm } = ssmSandbox();
    await put('/app/a', '1');
    await ssm('LabelParameterVersion', { Name: '/app/a', Labels: ['live'] });
    await put('/app/a', '2');
    await put('/app/b', '3');
    const filter = [{ Key: 'Label', Values: ['live'] }];
    const { Parameters } = await ssm('GetParametersByPath', { Path: '/app', ParameterFilters: filter });
    expect(Parameters).toMatchObject([{ Name: '/app/a', Value: '1', Selector: ':live' }]);
  });

  it('gets several and names those it does not have', async () => {
    const { put, ssm } = ssmSandbox();
    await put('a', '1');
    expect(await ssm('GetParameters', { Names: ['a', 'b', 'a:7'] })).toMatchObject({
      Parameters: [{ Name: 'a' }],
      InvalidParameters: ['b', 'a:7'],
    });
    expect(await ssm('DeleteParameters', { Names: ['a', 'b'] })).toEqual({
      DeletedParameters: ['a'],
      InvalidParameters: ['b'],
    });
    await expect(ssm('DeleteParameter', { Name: 'a' })).rejects.toMatchObject({ code: 'ParameterNotFound' });
  });

  it('describes by name, path, tag, tier and key', async () => {
    const { put, ssm } = ssmSandbox([kms]);
    await put('/app/plain', 'x', { Overwrite: false, Tags: [{ Key: 'team', Value: 'photos' }] });
    await put('/app/big', 'x'.repeat(5000), { Tier: 'Intelligent-Tiering' });
    await put('/app/secret', 's', { Type: 'SecureString', KeyId: 'alias/app' });
    const names = async (...filters: object[]) => {
      const answer = await ssm<{ Parameters: Parameter[] }>('DescribeParameters', { ParameterFilters: filters });
      return answer.Parameters.map((one) => one.Name);
    };
    expect(await names({ Key: 'tag:team', Values: ['photos'] })).toEqual(['/app/plain']);
    expect(await names({ Key: 'Tier', Values: ['Advanced'] })).toEqual(['/app/big']);
    expect(await names({ Key: 'KeyId', Values: ['alias/app'] })).toEqual(['/app/secret']);
    expect(await names({ Key: 'Name', Option: 'Contains', Values: ['lai'] })).toEqual(['/app/plain']);
    expect(await names({ Key: 'Path', Option: 'OneLevel', Values: ['/app'] })).toHaveLength(3);
    await expect(names({ Key: 'Colour', Values: ['red'] })).rejects.toMatchObject({ code: 'InvalidFilterKey' });
    await expect(put('/app/big', 'small', { Tier: 'Standard' })).rejects.toThrow(/downgrade/);
    await expect(put('/app/plain', 'x'.repeat(5000))).rejects.toThrow(/4096/);
  });

  it('seals secrets to their name, and shows them only on request', async () => {
    const { put, get, ssm, events } = ssmSandbox([kms]);
    await put('/app/secret', 'hunter2', { Type: 'SecureString' });
    expect((await get('/app/secret')).Value).not.toContain('hunter2');
    expect((await get('/app/secret', { WithDecryption: true })).Value).toBe('hunter2');
    const { Parameters } = await ssm('DescribeParameters', {});
    expect(Parameters).toMatchObject([{ KeyId: 'alias/aws/ssm', Type: 'SecureString' }]);
    await put('/app/secret', 'hunter3', { KeyId: 'alias/app', Type: undefined });
    expect((await get('/app/secret:1', { WithDecryption: true })).Value).toBe('hunter2');
    expect(JSON.stringify(events)).not.toContain('hunter');
    await expect(put('/app/secret', 'x', { KeyId: 'alias/none', Type: undefined })).rejects.toMatchObject({
      code: 'InvalidKeyId',
    });
  });

  it('uses a key in the name of the caller, who needs leave for it', async () => {
    const { dispatcher, put } = ssmSandbox([kms]);
    await put('/app/own', 'x', { Type: 'SecureString', KeyId: 'alias/app' });
    const principal = { kind: 'user', account: '1', arn: 'arn:aws:iam::1:user/u', userName: 'u' } as const;
    const asked: unknown[] = [];
    dispatcher.authorizer = (by, asks, { calledVia }) => {
      if (!asks.some((ask) => ask.action.startsWith('kms:'))) return;
      asked.push([by, calledVia]);
      throw new AwsError('AccessDeniedException', 'no');
    };
    const input = { Name: '/app/own', WithDecryption: true };
    const read = dispatcher.invoke({
      service: 'ssm',
      operation: 'GetParameter',
      region: 'us-east-1',
      input,
      principal,
    });
    await expect(read).rejects.toMatchObject({ code: 'AccessDeniedException' });
    expect(asked).toEqual([[principal, ['ssm']]]);
  });

  it('announces changes without their value', async () => {
    const { put, ssm, events, details } = ssmSandbox();
    await put('/app/a', 'private', { Description: 'what it is' });
    await put('/app/a', 'more');
    await ssm('LabelParameterVersion', { Name: '/app/a', Labels: ['live'] });
    await ssm('DeleteParameter', { Name: '/app/a' });
    expect(details().map((detail) => detail.operation)).toEqual([
      'Create',
      'Update',
      'LabelParameterVersion',
      'Delete',
    ]);
    expect(details()[0]).toEqual({ operation: 'Create', name: '/app/a', type: 'String', description: 'what it is' });
    expect(events[0]).toMatchObject({
      Source: 'aws.ssm',
      DetailType: 'Parameter Store Change',
      Resources: ['arn:aws:ssm:us-east-1:111122223333:parameter/app/a'],
    });
  });

  it('looks images up afterwards, and tells a bad one only by an event', async () => {
    const ec2: ServiceFactory = () => ({
      name: 'ec2',
      operations: {
        DescribeImages: operation((input: { ImageIds: string[] }) => {
          if (input.ImageIds[0] === 'ami-00000000') throw new AwsError('InvalidAMIID.NotFound', 'no');
          return { Images: [{ State: input.ImageIds[0] === 'ami-aaaaaaaa' ? 'available' : 'pending' }] };
        }),
      },
    });
    const { put, get, clock, core, details } = ssmSandbox([ec2]);
    const image = { DataType: 'aws:ec2:image' };
    expect((await put('/app/image', 'ami-aaaaaaaa', image)).Version).toBe(1);
    await expect(get('/app/image')).rejects.toMatchObject({ code: 'ParameterNotFound' });
    await clock.advance(core.timing.milliseconds('ssm_ami_datatype_async_validation'));
    expect(await get('/app/image')).toMatchObject({ Value: 'ami-aaaaaaaa', DataType: 'aws:ec2:image' });
    for (const bad of ['ami-00000000', 'ami-bbbbbbbb']) {
      expect((await put('/app/image', bad, image)).Version).toBe(2);
      await clock.advance(60_000);
      expect((await get('/app/image')).Value).toBe('ami-aaaaaaaa');
      expect(details().at(-1)).toMatchObject({ operation: 'Update', exception: 'Unable to Describe Resource' });
    }
    await expect(put('/app/image', 'not an image', image)).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('publishes the stock image under the name AWS uses, in every Region', async () => {
    const { ssm, put } = ssmSandbox();
    const Name = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
    for (const region of ['us-east-1', 'us-west-2']) {
      expect(await ssm('GetParameter', { Name }, region)).toMatchObject({
        Parameter: { Value: stockImageId, ARN: `arn:aws:ssm:${region}::parameter${Name}` },
      });
    }
    expect(await ssm('DescribeParameters', {})).toEqual({ Parameters: [] });
    await expect(put('/aws/mine', 'x')).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  it('tags parameters, and refuses what is not one', async () => {
    const { put, ssm } = ssmSandbox();
    await put('a', '1');
    const resource = { ResourceType: 'Parameter', ResourceId: 'a' };
    await ssm('AddTagsToResource', {
      ...resource,
      Tags: [
        { Key: 'x', Value: '1' },
        { Key: 'y', Value: '2' },
      ],
    });
    await ssm('RemoveTagsFromResource', { ...resource, TagKeys: ['x'] });
    expect(await ssm('ListTagsForResource', resource)).toEqual({ TagList: [{ Key: 'y', Value: '2' }] });
    await expect(ssm('AddTagsToResource', { ...resource, ResourceType: 'Document' })).rejects.toThrow(/Document/);
    await expect(put('a', '2', { Tags: [{ Key: 'x', Value: '1' }] })).rejects.toThrow(/overwrite/);
  });

  it('asks IAM for each parameter by its ARN', async () => {
    const { dispatcher, core } = ssmSandbox();
    const call = {
      account: core.account,
      region: 'us-east-1',
      from: 'outside',
      principal: core.as('x'),
      requestId: '',
    };
    const arn = 'arn:aws:ssm:us-east-1:111122223333:parameter';
    const asks = (name: string, input: object) => dispatcher.service('ssm')?.operations[name]?.authorize?.(input, call);
    expect(asks('GetParameters', { Names: ['/a', 'b:3'] })).toEqual([
      { action: 'ssm:GetParameters', resource: `${arn}/a` },
      { action: 'ssm:GetParameters', resource: `${arn}/b` },
    ]);
    expect(asks('PutParameter', { Name: '/a', DataType: 'aws:ec2:image', Tags: [{ Key: 'k' }] })).toEqual([
      { action: 'ssm:PutParameter', resource: `${arn}/a`, context: { 'ssm:Overwrite': 'false' } },
      { action: 'ssm:AddTagsToResource', resource: `${arn}/a` },
      { action: 'ec2:DescribeImages', resource: '*' },
    ]);
  });

  it('refuses policies by name', async () => {
    const { put } = ssmSandbox();
    await expect(put('a', '1', { Tier: 'Advanced', Policies: '[{"Type":"Expiration"}]' })).rejects.toThrow(/Policies/);
  });
});
