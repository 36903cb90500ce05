import { describe, expect, it } from 'vitest';
import type { PolicyKind } from '../../../src/sandbox/iam/policy.ts';
import { parsePolicy } from '../../../src/sandbox/iam/policy.ts';
import { PolicyProblem } from '../../../src/sandbox/iam/problem.ts';
import { documentOf } from './requests.ts';

const good = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } };

function pathOfProblem(document: string, kind: PolicyKind): string {
  try {
    parsePolicy(document, kind);
  } catch (error) {
    if (error instanceof PolicyProblem) return error.path;
    throw error;
  }
  return 'no problem';
}

const cases: [string, PolicyKind, string, string][] = [
  ['not JSON', 'identity', '{', ''],
  ['a list', 'identity', '[]', ''],
  ['an unknown version', 'identity', documentOf(good, '2020-01-01'), 'Version'],
  ['an unknown member', 'identity', '{"Statement":[],"Statements":[]}', 'Statements'],
  ['no statement', 'identity', '{"Version":"2012-10-17"}', 'Statement'],
  ['an empty list of statements', 'identity', documentOf([]), 'Statement'],
  ['no effect', 'identity', documentOf([good, { Action: '*', Resource: '*' }]), 'Statement[1].Effect'],
  ['an effect in lower case', 'identity', documentOf({ ...good, Effect: 'allow' }), 'Statement.Effect'],
  ['an element in the wrong case', 'identity', documentOf([{ ...good, resource: '*' }]), 'Statement[0].resource'],
  ['no action', 'identity', documentOf([{ Effect: 'Allow', Resource: '*' }]), 'Statement[0].Action'],
  ['action and its negation', 'identity', documentOf([{ ...good, NotAction: 'a:*' }]), 'Statement[0]'],
  ['an action of no service', 'identity', documentOf([{ ...good, Action: 'GetObject' }]), 'Statement[0].Action'],
  ['no resource', 'identity', documentOf([{ Effect: 'Allow', Action: '*' }]), 'Statement[0].Resource'],
  ['a resource that is no ARN', 'identity', documentOf([{ ...good, Resource: 'photos' }]), 'Statement[0].Resource'],
  ['a principal', 'identity', documentOf([{ ...good, Principal: '*' }]), 'Statement[0].Principal'],
  ['a Sid with a space', 'identity', documentOf([{ ...good, Sid: 'a b' }]), 'Statement[0].Sid'],
  [
    'a Sid twice',
    'identity',
    documentOf([
      { ...good, Sid: 'a' },
      { ...good, Sid: 'a' },
    ]),
    'Statement[1].Sid',
  ],
  [
    'an unknown operator',
    'identity',
    documentOf([{ ...good, Condition: { StringIs: { 'aws:username': 'x' } } }]),
    'Statement[0].Condition.StringIs',
  ],
  [
    'a number that is none',
    'identity',
    documentOf([{ ...good, Condition: { NumericEquals: { 'x:n': 'ten' } } }]),
    'Statement[0].Condition.NumericEquals.x:n',
  ],
  [
    'a range that is none',
    'identity',
    documentOf([{ ...good, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } } }]),
    'Statement[0].Condition.IpAddress.aws:SourceIp',
  ],
  ['no principal', 'resource', documentOf([good]), 'Statement[0].Principal'],
  [
    'a principal that is no ARN',
    'resource',
    documentOf([{ ...good, Principal: { AWS: 'ana' } }]),
    'Statement[0].Principal.AWS',
  ],
  [
    'a role with a wildcard',
    'resource',
    documentOf([{ ...good, Principal: { AWS: 'arn:aws:iam::111122223333:role/*' } }]),
    'Statement[0].Principal.AWS',
  ],
  ['a trust policy with a resource', 'trust', documentOf([{ ...trust, Resource: '*' }]), 'Statement[0].Resource'],
  [
    'a service that is none',
    'trust',
    documentOf([{ ...trust, Principal: { Service: 'ec2' } }]),
    'Statement[0].Principal.Service',
  ],
];

describe('what breaks the grammar is named by its path', () => {
  it.each(cases)('%s (%s)', (_, kind, document, path) => {
    expect(pathOfProblem(document, kind)).toBe(path);
  });

  it.each([
    ['identity', good],
    ['trust', trust],
    ['resource', { ...good, Principal: { AWS: '111122223333' } }],
  ] as const)('a good %s policy has none', (kind, statement) => {
    expect(pathOfProblem(documentOf(statement), kind)).toBe('no problem');
  });
});
