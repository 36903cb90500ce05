/** Event patterns, operator by operator. */

import { describe, expect, test } from 'vitest';
import { matches, parsePattern } from '../../../../src/sandbox/services/events/pattern.ts';

const event = {
  source: 'aws.ssm',
  'detail-type': 'Parameter Store Change',
  resources: ['arn:aws:ssm:us-east-1:111122223333:parameter/app/db', 'arn:other'],
  detail: {
    name: '/app/db',
    operation: 'Update',
    size: 42,
    ip: '10.0.3.7',
    nothing: null,
    tags: [{ k: 'env', v: 'dev' }],
    ok: true,
  },
};

const detail = (inner: unknown): string => JSON.stringify({ detail: inner });

test.each([
  ['a value', '{"source":["aws.ec2","aws.ssm"]}', true],
  ['another value', '{"source":["aws.ec2"]}', false],
  ['an element of an array', '{"resources":["arn:other"]}', true],
  ['prefix', detail({ name: [{ prefix: '/app/' }] }), true],
  ['prefix, ignoring case', detail({ name: [{ prefix: { 'equals-ignore-case': '/APP' } }] }), true],
  ['suffix', detail({ name: [{ suffix: 'db' }] }), true],
  ['suffix that is not there', detail({ name: [{ suffix: 'app' }] }), false],
  ['equals-ignore-case', detail({ operation: [{ 'equals-ignore-case': 'UPDATE' }] }), true],
  ['wildcard', detail({ name: [{ wildcard: '/*/d*' }] }), true],
  ['wildcard that misses', detail({ name: [{ wildcard: '/*/x*' }] }), false],
  ['an escaped wildcard', detail({ name: [{ wildcard: '/app\\*' }] }), false],
  ['anything-but a value', detail({ operation: [{ 'anything-but': 'Delete' }] }), true],
  ['anything-but this value', detail({ operation: [{ 'anything-but': ['Delete', 'Update'] }] }), false],
  ['anything-but a prefix', detail({ name: [{ 'anything-but': { prefix: '/app' } }] }), false],
  ['anything-but suffixes', detail({ name: [{ 'anything-but': { suffix: ['.x', '.y'] } }] }), true],
  ['anything-but of what is absent', detail({ absent: [{ 'anything-but': 'x' }] }), false],
  ['numeric range', detail({ size: [{ numeric: ['>', 40, '<=', 42] }] }), true],
  ['numeric, out of range', detail({ size: [{ numeric: ['<', 42] }] }), false],
  ['a number', detail({ size: [42] }), true],
  ['a number as text', detail({ size: ['42'] }), false],
  ['exists', detail({ name: [{ exists: true }] }), true],
  ['exists, of null', detail({ nothing: [{ exists: true }] }), true],
  ['null', detail({ nothing: [null] }), true],
  ['a boolean', detail({ ok: [true] }), true],
  ['does not exist', detail({ absent: [{ exists: false }] }), true],
  ['does not exist, below what is absent', detail({ absent: { deep: [{ exists: false }] } }), true],
  ['does not exist, but does', detail({ name: [{ exists: false }] }), false],
  ['cidr', detail({ ip: [{ cidr: '10.0.0.0/16' }] }), true],
  ['cidr that is another', detail({ ip: [{ cidr: '10.1.0.0/16' }] }), false],
  ['objects in an array', detail({ tags: { k: ['env'], v: ['dev'] } }), true],
  ['one of several alternatives', '{"$or":[{"source":["aws.ec2"]},{"detail":{"size":[42]}}]}', true],
  ['none of the alternatives', '{"$or":[{"source":["aws.ec2"]},{"detail":{"size":[41]}}]}', false],
  ['alternatives and more', '{"source":["aws.s3"],"$or":[{"detail":{"size":[42]}},{"detail":{"size":[41]}}]}', false],
])('%s', (_, pattern, expected) => {
  expect(matches(parsePattern(pattern), event)).toBe(expected);
});

describe('a pattern AWS would not take', () => {
  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['nothing in it', '{}'],
    ['a bare value', '{"source":"aws.ssm"}'],
    ['an empty array', '{"source":[]}'],
    ['an unknown operator', '{"source":[{"regex":".*"}]}'],
    ['two operators at once', '{"source":[{"prefix":"a","suffix":"b"}]}'],
    ['a numeric range with a hole', '{"detail":{"size":[{"numeric":[">"]}]}}'],
    ['a block that is none', '{"detail":{"ip":[{"cidr":"10.0.0/8"}]}}'],
  ])('%s', (_, pattern) => {
    expect(() => parsePattern(pattern)).toThrow('Event pattern is not valid');
  });

  test.each([
    [
      '{"source": ["aws.health"], "detail": {}}',
      'Empty objects are not allowed\n at [Source: (String)"{"source": ["aws.health"], "detail": {}}"; line: 1, column: 40]',
    ],
    [
      '{"source":["test.event-pattern"],"detail":{"lenderId":"LenderA"}}',
      '"lenderId" must be an object or an array\n at [Source: (String)"{"source":["test.event-pattern"],"detail":{"lenderId":"LenderA"}}"; line: 1, column: 56]',
    ],
    [
      '{\n "detail": {\n  "a": ["x", {"equals": 1}]\n }\n}',
      'Unrecognized match type equals\n at [Source: (String)"{\n "detail": {\n  "a": ["x", {"equals": 1}]\n }\n}"; line: 3, column: 26]',
    ],
    ['{', 'Invalid JSON'],
    ['[]', 'Filter is not an object\n at [Source: (String)"[]"; line: 1, column: 3]'],
  ])('what is wrong with %s is said with its place, as EventBridge says it', (pattern, reason) => {
    expect(() => parsePattern(pattern)).toThrow(`Event pattern is not valid. Reason: ${reason}`);
  });
});
