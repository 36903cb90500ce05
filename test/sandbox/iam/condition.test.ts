// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this.

import { describe, expect, it } from 'vitest';
import { verdictOn } from './requests.ts';

type Keys = Record<string, string | readonly string[]>;

const holds = (Condition: object, keys: Keys): boolean =>
  verdictOn('s3:GetObject', 'arn:aws:s3:::b/k', {
    identity: { Effect: 'Allow', Action: '*', Resource: '*', Condition },
    keys,
  }).allowed;

/** Operator, expected value(s), the request's value(s) (undefined: absent), whether it holds. */
type Row = [string, unknown, string | readonly string[] | undefined, boolean];

const rows: Row[] = [
  ['StringEquals', 'blue', 'blue', true],
  ['StringEquals', 'blue', 'Blue', false],
  ['StringEquals', ['red', 'blue'], 'blue', true],
  ['StringEquals', 'b*', 'blue', false],
  ['StringEquals', 'blue', undefined, false],
  ['StringNotEquals', 'blue', 'red', true],
  ['StringNotEquals', ['blue', 'red'], 'red', false],
  ['StringNotEquals', 'blue', undefined, true],
  ['StringEqualsIgnoreCase', 'BLUE', 'blue', true],
  ['StringNotEqualsIgnoreCase', 'BLUE', 'blue', false],
  ['StringLike', 'b*e', 'blue', true],
  ['StringLike', 'b?e', 'blue', false],
  ['StringNotLike', 'b*', 'blue', false],
  ['StringNotLike', 'b*', 'red', true],
  ['NumericEquals', 10, '10', true],
  ['NumericEquals', '10', '10.0', true],
  ['NumericNotEquals', '10', '11', true],
  ['NumericLessThan', '10', '9', true],
  ['NumericLessThan', '10', '10', false],
  ['NumericLessThanEquals', '10', '10', true],
  ['NumericGreaterThan', '10', '100', true],
  ['NumericGreaterThan', '10', '9', false],
  ['NumericGreaterThanEquals', '10', '10', true],
  ['NumericLessThan', '10', undefined, false],
  ['DateEquals', '2026-11-23T12:00:00Z', '2026-11-23T12:00:00.000Z', true],
  ['DateNotEquals', '2026-11-23T12:00:00Z', '2026-11-23T12:00:01Z', true],
  ['DateLessThan', '2026-11-23T12:00:00Z', '2026-11-23T11:59:59Z', true],
  ['DateLessThan', '1795435200', '2026-11-23T11:59:59Z', true],
  ['DateLessThanEquals', '2026-11-23T12:00:00Z', '2026-11-23T12:00:00Z', true],
  ['DateGreaterThan', '2026-11-23T12:00:00Z', '2026-11-23T11:59:59Z', false],
  ['DateGreaterThanEquals', '2026-11-23', '2026-11-23T00:00:00Z', true],
  ['Bool', 'true', 'true', true],
  ['Bool', true, 'true', true],
  ['Bool', 'false', 'true', false],
  ['Bool', 'false', undefined, false],
  ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', true],
  ['IpAddress', '10.0.0.0/8', '10.1.2.3', true],
  ['IpAddress', '10.0.0.0/8', '11.1.2.3', false],
  ['IpAddress', '10.1.2.3', '10.1.2.3', true],
  ['IpAddress', '2001:db8::/32', '2001:db8::1', true],
  ['IpAddress', '10.0.0.0/8', '2001:db8::1', false],
  ['NotIpAddress', '10.0.0.0/8', '11.1.2.3', true],
  ['ArnEquals', 'arn:aws:iam::*:role/web', 'arn:aws:iam::111122223333:role/web', true],
  ['ArnLike', 'arn:aws:iam::111122223333:role/*', 'arn:aws:iam::111122223333:role/a/web', true],
  ['ArnLike', 'arn:aws:*:role/web', 'arn:aws:iam::111122223333:role/web', false],
  ['ArnLike', 'arn:aws:sns:*:*:a:b', 'arn:aws:sns:us-east-1:1:a:b', true],
  ['ArnNotEquals', 'arn:aws:iam::*:role/web', 'arn:aws:iam::111122223333:role/db', true],
  ['ArnNotLike', 'arn:aws:iam::*:role/*', 'arn:aws:iam::111122223333:role/web', false],
  ['Null', 'true', undefined, true],
  ['Null', 'true', 'x', false],
  ['Null', false, 'x', true],
  ['Null', 'false', undefined, false],
  ['StringEqualsIfExists', 'blue', undefined, true],
  ['StringEqualsIfExists', 'blue', 'red', false],
  ['BoolIfExists', 'true', undefined, true],
  ['ForAllValues:StringEquals', ['red', 'blue'], ['red', 'blue'], true],
  ['ForAllValues:StringEquals', ['red', 'blue'], ['red', 'green'], false],
  ['ForAllValues:StringEquals', 'red', undefined, true],
  ['ForAnyValue:StringEquals', ['red', 'blue'], ['green', 'blue'], true],
  ['ForAnyValue:StringEquals', 'red', ['green', 'blue'], false],
  ['ForAnyValue:StringEquals', 'red', undefined, false],
  ['ForAnyValue:StringNotEquals', 'red', ['red', 'blue'], true],
  ['ForAllValues:StringNotEquals', 'red', ['red', 'blue'], false],
  ['ForAnyValue:StringLike', 'gr*', ['green', 'blue'], true],
  ['StringEquals', '${aws:username}', 'ana', true],
  ['StringNotEquals', '${aws:PrincipalTag/none}', 'ana', false],
  ['StringLike', '${aws:username}*', 'ana-1', true],
  ['StringEquals', '${*}', '*', true],
];

describe('operators', () => {
  it.each(rows)('%s %j with %j: %s', (operator, expected, actual, result) => {
    const keys: Keys = { 'aws:username': 'ana', ...(actual === undefined ? {} : { 'x:Key': actual }) };
    expect(holds({ [operator]: { 'x:key': expected } }, keys)).toBe(result);
  });
});

describe('several of them', () => {
  it('all keys of a block and all blocks have to hold', () => {
    const condition = { StringEquals: { 'x:a': '1', 'x:b': '2' }, Bool: { 'x:c': 'true' } };
    expect(holds(condition, { 'x:a': '1', 'x:b': '2', 'x:c': 'true' })).toBe(true);
    expect(holds(condition, { 'x:a': '1', 'x:b': '3', 'x:c': 'true' })).toBe(false);
    expect(holds(condition, { 'x:a': '1', 'x:b': '2', 'x:c': 'false' })).toBe(false);
  });
});
