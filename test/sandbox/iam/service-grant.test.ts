import { describe, expect, it } from 'vitest';
import { judgeService } from '../../../src/sandbox/iam/service-grant.ts';
import { account, documentOf } from './requests.ts';

const queue = `arn:aws:sqs:us-east-1:${account}:q`;
const rule = `arn:aws:events:us-east-1:${account}:rule/dev`;
const grant = (more: object = {}) =>
  documentOf({
    Effect: 'Allow',
    Action: 'sqs:SendMessage',
    Resource: queue,
    Principal: { Service: 'events.amazonaws.com' },
    ...more,
  });
const ask = { service: 'events.amazonaws.com', action: 'sqs:SendMessage', resource: queue, account };

describe('what a resource policy grants to a service', () => {
  const cases: [string, boolean, string | undefined][] = [
    ['no policy', false, undefined],
    ['its name', true, grant()],
    ['its Regional name', true, grant({ Principal: { Service: 'events.us-east-1.amazonaws.com' } })],
    ['another service', false, grant({ Principal: { Service: 'sns.amazonaws.com' } })],
    ['the account', false, grant({ Principal: { AWS: account } })],
    ['everybody', true, grant({ Principal: '*' })],
    ['the rule it acts for', true, grant({ Condition: { ArnEquals: { 'aws:SourceArn': rule } } })],
    ['another rule', false, grant({ Condition: { ArnEquals: { 'aws:SourceArn': `${rule}2` } } })],
    ['this account', true, grant({ Condition: { StringEquals: { 'aws:SourceAccount': account } } })],
    ['another account', false, grant({ Condition: { StringEquals: { 'aws:SourceAccount': '999999999999' } } })],
  ];
  it.each(cases)('%s: %s', (_, expected, policy) => {
    expect(judgeService(policy, { ...ask, sourceArn: rule }).allowed).toBe(expected);
  });
});
