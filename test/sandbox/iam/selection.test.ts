// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this.

import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/sandbox/iam/judge.ts';
import { parsePolicy } from '../../../src/sandbox/iam/policy.ts';
import { contextOf } from '../../../src/sandbox/iam/request.ts';
import { documentOf, user, verdictOn } from './requests.ts';

const allows = (statement: object, action: string, resource = '*', keys = {}): boolean =>
  verdictOn(action, resource, { identity: { Effect: 'Allow', ...statement }, keys }).allowed;

describe('actions', () => {
  const cases: [object, string, boolean][] = [
    [{ Action: 's3:GetObject' }, 's3:GetObject', true],
    [{ Action: 'S3:getobject' }, 's3:GetObject', true],
    [{ Action: 's3:Get*' }, 's3:GetObjectVersion', true],
    [{ Action: 's3:GetObjec?' }, 's3:GetObject', true],
    [{ Action: 's3:GetObject?' }, 's3:GetObject', false],
    [{ Action: ['ec2:*', 's3:List*'] }, 's3:ListBucket', true],
    [{ Action: '*' }, 'rds:PromoteReadReplica', true],
    [{ Action: '*:*' }, 'rds:PromoteReadReplica', true],
    [{ NotAction: 'iam:*' }, 's3:GetObject', true],
    [{ NotAction: 'iam:*' }, 'iam:PassRole', false],
    [{ NotAction: ['iam:*', 's3:Get*'] }, 's3:GetObject', false],
  ];
  it.each(cases)('%j on %s: %s', (statement, action, expected) => {
    expect(allows({ Resource: '*', ...statement }, action)).toBe(expected);
  });
});

describe('resources', () => {
  const arn = 'arn:aws:s3:::photos/2026/a+b.jpg';
  const cases: [object, boolean][] = [
    [{ Resource: arn }, true],
    [{ Resource: 'arn:aws:s3:::Photos/*' }, false],
    [{ Resource: 'arn:aws:s3:::photos/*' }, true],
    [{ Resource: 'arn:aws:s3:::*/*.jpg' }, true],
    [{ Resource: 'arn:aws:s3:::photo?/*' }, true],
    [{ Resource: 'arn:aws:s3:::photos' }, false],
    [{ Resource: ['arn:aws:s3:::other/*', 'arn:aws:s3:::photos/2026/*'] }, true],
    [{ NotResource: 'arn:aws:s3:::photos/*' }, false],
    [{ NotResource: 'arn:aws:s3:::other/*' }, true],
  ];
  it.each(cases)('%j: %s', (statement, expected) => {
    expect(allows({ Action: '*', ...statement }, 's3:GetObject', arn)).toBe(expected);
  });

  it('a policy for one resource doesn’t allow a call that names none', () => {
    expect(allows({ Action: '*', Resource: arn }, 's3:ListAllMyBuckets', '*')).toBe(false);
  });
});

describe('policy variables', () => {
  const on = 'arn:aws:s3:::home/ana/cv.pdf';
  const cases: [string, Record<string, string | string[]>, boolean][] = [
    ['arn:aws:s3:::home/${aws:username}/*', { 'aws:username': 'ana' }, true],
    ['arn:aws:s3:::home/${AWS:UserName}/*', { 'aws:username': 'ana' }, true],
    ['arn:aws:s3:::home/${aws:username}/*', { 'aws:username': 'bea' }, false],
    ['arn:aws:s3:::home/${aws:username}/*', {}, false],
    ['arn:aws:s3:::home/${aws:username}/*', { 'aws:username': '*' }, false],
    ['arn:aws:s3:::home/${aws:PrincipalTag/team}/*', { 'aws:PrincipalTag/team': 'ana' }, true],
    ["arn:aws:s3:::home/${aws:PrincipalTag/team, 'ana'}/*", {}, true],
    ['arn:aws:s3:::home/${aws:TagKeys}/*', { 'aws:TagKeys': ['ana', 'bea'] }, false],
    ['arn:aws:s3:::home/${*}/*', {}, false],
  ];
  it.each(cases)('%s with %j: %s', (Resource, keys, expected) => {
    expect(allows({ Action: '*', Resource }, 's3:GetObject', on, keys)).toBe(expected);
  });

  it('${*} is an asterisk', () => {
    expect(allows({ Action: '*', Resource: 'arn:aws:s3:::home/${*}' }, 's3:GetObject', 'arn:aws:s3:::home/*')).toBe(
      true,
    );
  });

  it('a NotResource whose variable has no value selects nothing', () => {
    expect(allows({ Action: '*', NotResource: 'arn:aws:s3:::home/${aws:username}/*' }, 's3:GetObject', on)).toBe(false);
  });

  it('are plain text in policies of 2008', () => {
    const document = documentOf({ Effect: 'Allow', Action: '*', Resource: '${aws:username}' }, '2008-10-17');
    const standing = {
      caller: user,
      identity: [{ name: 'old', policy: parsePolicy(document, 'identity') }],
      boundary: undefined,
      session: undefined,
      keys: contextOf({ 'aws:username': 'ana' }),
    };
    const allowed = (resource: string) =>
      judge(
        standing,
        { action: 'a:B', resource },
        () => ({}),
        () => undefined,
      ).verdict.allowed;
    expect([allowed('ana'), allowed('${aws:username}')]).toEqual([false, true]);
  });
});
