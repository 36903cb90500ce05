import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceName } from '../../../src/sandbox/contract.ts';
import { s3AddressOf } from '../../../src/sandbox/protocols/s3.ts';
import { signedHeaders } from './signing.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(undefined, { checked: true });
});
afterAll(() => world.close());

interface Refused {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

async function refused(
  service: ServiceName,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<Refused> {
  const { endpoint } = world.client;
  const signed = signedHeaders(service, new URL(endpoint).host, method, path);
  const response = await fetch(endpoint + path, {
    method,
    headers: { ...headers, ...signed },
    ...(body === '' ? {} : { body }),
  });
  const answer = await response.text();
  if (!answer.startsWith('{')) {
    return {
      status: response.status,
      code: /<Code>(.*?)</.exec(answer)?.[1],
      message: /<Message>(.*?)</.exec(answer)?.[1],
    };
  }
  const document = JSON.parse(answer) as Record<string, string>;
  const code = document.__type ?? response.headers.get('x-amzn-errortype') ?? undefined;
  return { status: response.status, code, message: document.message ?? document.Message };
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const target = (name: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': name,
});

describe('input the schema does not allow', () => {
  test.each([
    [
      'a number for a string',
      'ssm',
      'POST',
      '/',
      target('AmazonSSM.PutParameter'),
      '{"Name":5,"Value":"v"}',
      400,
      'SerializationException',
      'Name must be a string.',
    ],
    [
      'text for a boolean',
      'ssm',
      'POST',
      '/',
      target('AmazonSSM.PutParameter'),
      '{"Name":"n","Value":"v","Overwrite":"yes"}',
      400,
      'SerializationException',
      'Overwrite must be a boolean.',
    ],
    [
      'an object for a list',
      'ssm',
      'POST',
      '/',
      target('AmazonSSM.PutParameter'),
      '{"Name":"n","Value":"v","Tags":{}}',
      400,
      'SerializationException',
      'Tags must be a list.',
    ],
    [
      'null in a list',
      'ssm',
      'POST',
      '/',
      target('AmazonSSM.GetParameters'),
      '{"Names":[null]}',
      400,
      'SerializationException',
      'Names.0 must be a string.',
    ],
    [
      'a list for the input',
      'ssm',
      'POST',
      '/',
      target('AmazonSSM.PutParameter'),
      '[]',
      400,
      'SerializationException',
      'The request must be an object.',
    ],
    [
      'a missing member',
      'ssm',
      'POST',
      '/',
      target('AmazonSSM.PutParameter'),
      '{"Name":"n"}',
      400,
      'ValidationException',
      "1 validation error detected: Value null at 'value' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a missing nested member',
      'ssm',
      'POST',
      '/',
      target('AmazonSSM.PutParameter'),
      '{"Name":"n","Value":"v","Tags":[{"Key":"k"}]}',
      400,
      'ValidationException',
      "1 validation error detected: Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a member nobody knows',
      'ssm',
      'POST',
      '/',
      target('AmazonSSM.PutParameter'),
      '{"Name":"n","Value":"v","Extra":1}',
      400,
      'SerializationException',
      "Extra isn't known to PutParameterRequest.",
    ],
    [
      'two members of a union',
      'dynamodb',
      'POST',
      '/',
      target('DynamoDB_20120810.PutItem'),
      '{"TableName":"t","Item":{"a":{"S":"x","N":"1"}}}',
      400,
      'SerializationException',
      expect.stringContaining('Item.a must be exactly one of S, N'),
    ],
    [
      'broken base64',
      'kms',
      'POST',
      '/',
      target('TrentService.Encrypt'),
      '{"KeyId":"k","Plaintext":"%"}',
      400,
      'SerializationException',
      'Plaintext must be base64.',
    ],
    [
      'an operation nobody knows',
      'ssm',
      'POST',
      '/',
      target('AmazonSSM.Frobnicate'),
      '{}',
      400,
      'UnknownOperationException',
      'ssm has no operation for Frobnicate.',
    ],
    [
      "another service's target",
      'ssm',
      'POST',
      '/',
      target('TrentService.Encrypt'),
      '{}',
      400,
      'UnknownOperationException',
      'ssm has no operation for TrentService.Encrypt.',
    ],
    [
      'text for a number',
      'rds',
      'POST',
      '/',
      form,
      'Action=DescribeDBInstances&Version=2014-10-31&MaxRecords=many',
      400,
      'MalformedInput',
      'MaxRecords must be a number.',
    ],
    [
      'a missing parameter',
      'rds',
      'POST',
      '/',
      form,
      'Action=PromoteReadReplica&Version=2014-10-31',
      400,
      'MissingParameter',
      'The request must contain the parameter DBInstanceIdentifier.',
    ],
    [
      'a list with names for numbers',
      'rds',
      'POST',
      '/',
      form,
      'Action=DescribeDBInstances&Version=2014-10-31&Filters.Filter.first.Name=a',
      400,
      'MalformedInput',
      'Filters.first must be numbered from 1.',
    ],
    [
      'a parameter given twice',
      'sts',
      'POST',
      '/',
      form,
      'Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleArn=b',
      400,
      'MalformedInput',
      'RoleArn must be given once.',
    ],
    [
      'an action nobody knows',
      'rds',
      'POST',
      '/',
      form,
      'Action=Frobnicate&Version=2014-10-31',
      400,
      'InvalidAction',
      'rds has no operation for Frobnicate.',
    ],
    [
      'no action',
      'sts',
      'POST',
      '/',
      form,
      'Version=2011-06-15',
      400,
      'MissingAction',
      'The request must contain the parameter Action.',
    ],
    [
      'another version',
      'elasticloadbalancing',
      'POST',
      '/',
      form,
      'Action=DescribeLoadBalancers&Version=2012-06-01',
      400,
      'InvalidAction',
      expect.stringContaining('2012-06-01'),
    ],
    [
      'a missing parameter',
      'ec2',
      'POST',
      '/',
      form,
      'Action=CreateSubnet&Version=2016-11-15',
      400,
      'MissingParameter',
      'The request must contain the parameter VpcId.',
    ],
    [
      'text for a number',
      'ec2',
      'POST',
      '/',
      form,
      'Action=RunInstances&Version=2016-11-15&MinCount=x&MaxCount=1',
      400,
      'InvalidParameterValue',
      'MinCount must be a number.',
    ],
    [
      'a path nobody serves',
      'lambda',
      'GET',
      '/2015-03-31/nothing',
      {},
      '',
      404,
      'UnknownOperationException',
      'lambda has no operation for GET /2015-03-31/nothing.',
    ],
    [
      'broken JSON',
      'lambda',
      'POST',
      '/2015-03-31/functions',
      {},
      '{',
      400,
      'SerializationException',
      'The body is not valid JSON.',
    ],
    [
      'a missing member',
      'scheduler',
      'POST',
      '/schedules/n',
      {},
      '{}',
      400,
      'ValidationException',
      expect.stringContaining("3 validation errors detected: Value null at 'flexibleTimeWindow' failed"),
    ],
    [
      'broken XML',
      'route53',
      'POST',
      '/2013-04-01/hostedzone',
      {},
      '<a>',
      400,
      'MalformedInput',
      expect.stringContaining('not well-formed'),
    ],
    [
      'a document type',
      's3',
      'PUT',
      '/bucket',
      {},
      '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
      400,
      'MalformedXML',
      expect.stringContaining('document types'),
    ],
    [
      'a header that is no date',
      's3',
      'GET',
      '/bucket/key',
      { 'if-modified-since': 'soon' },
      '',
      400,
      'InvalidArgument',
      expect.stringContaining('IfModifiedSince'),
    ],
    [
      'a method no key has',
      's3',
      'PATCH',
      '/bucket/key',
      {},
      '',
      405,
      'MethodNotAllowed',
      expect.stringContaining('PATCH /bucket/key'),
    ],
  ] as [string, ServiceName, string, string, Record<string, string>, string, number, string, string][])(
    '%s, for %s',
    async (_what, service, method, path, headers, body, status, code, message) => {
      const before = world.asked.length;
      expect(await refused(service, method, path, headers, body)).toEqual({ status, code, message });
      expect(world.asked.length).toBe(before);
    },
  );
});

test.each([
  ['127.0.0.1:4566', '/photos/a/b', { bucket: 'photos', path: '/a/b' }],
  ['127.0.0.1', '/photos', { bucket: 'photos', path: '/' }],
  ['127.0.0.1', '/', { bucket: undefined, path: '/' }],
  ['s3.us-east-1.amazonaws.com', '/photos/a', { bucket: 'photos', path: '/a' }],
  ['s3.amazonaws.com', '/photos/a', { bucket: 'photos', path: '/a' }],
  ['my.photos.s3.us-west-2.amazonaws.com', '/a/b', { bucket: 'my.photos', path: '/a/b' }],
  ['photos.s3-us-west-2.amazonaws.com', '/a', { bucket: 'photos', path: '/a' }],
  ['photos.localhost:4566', '/a', { bucket: 'photos', path: '/a' }],
  ['s3.localhost:4566', '/photos/a', { bucket: 'photos', path: '/a' }],
])('the bucket at %s%s', (host, path, address) => {
  expect(s3AddressOf(host, path)).toEqual(address);
});
