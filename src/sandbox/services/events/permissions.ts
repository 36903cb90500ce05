/** The resource policy of a bus, written whole or statement by statement. */

import type { PutPermissionCommandInput, RemovePermissionCommandInput } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../contract.ts';
import { readablePolicy } from '../resource-policies.ts';
import type { Bus } from './model.ts';

interface Policy {
  Version: '2012-10-17';
  Statement: { Sid?: string }[];
}

/** The bus's policy after `PutPermission`. */
export function changePermission(bus: Bus, input: PutPermissionCommandInput): string {
  if (input.Policy !== undefined) return JSON.stringify(JSON.parse(checked(input.Policy)));
  const { StatementId: Sid = '', Action = 'events:PutEvents', Principal = '', Condition } = input;
  const condition =
    Condition === undefined ? {} : { [Condition.Type ?? '']: { [Condition.Key ?? '']: Condition.Value } };
  const statement = {
    Sid,
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
    Action,
    Resource: bus.arn,
    ...(Condition === undefined ? {} : { Condition: condition }),
  };
  const policy = policyOf(bus);
  const others = policy.Statement.filter((known) => known.Sid !== Sid);
  return checked(JSON.stringify({ ...policy, Statement: [...others, statement] }));
}

/** The bus's policy after `RemovePermission`; undefined when nothing is left. */
export function removePermission(bus: Bus, input: RemovePermissionCommandInput): string | undefined {
  if (input.RemoveAllPermissions === true) return undefined;
  const policy = policyOf(bus);
  const Statement = policy.Statement.filter(({ Sid }) => Sid !== input.StatementId);
  if (Statement.length === policy.Statement.length) {
    throw new AwsError(
      'ResourceNotFoundException',
      `Statement with the provided id does not exist: ${input.StatementId}.`,
    );
  }
  return Statement.length === 0 ? undefined : JSON.stringify({ ...policy, Statement });
}

const checked = (document: string): string =>
  readablePolicy(document, (why) => new AwsError('ValidationException', `The policy is not valid: ${why}`));

/** A policy written whole may have one statement that stands by itself. */
function policyOf(bus: Bus): Policy {
  const policy = JSON.parse(bus.policy ?? '{"Version":"2012-10-17","Statement":[]}') as Policy;
  return { ...policy, Statement: [policy.Statement].flat() };
}
