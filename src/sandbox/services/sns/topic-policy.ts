/** A topic's resource policy: AWS's default one, and the statements AddPermission writes into it. */

import type { AddPermissionCommandInput, RemovePermissionCommandInput } from '@aws-sdk/client-sns';
import { AwsError } from '../../contract.ts';
import type { Topic } from './model.ts';

interface Policy {
  Version: string;
  Statement: { Sid?: string }[];
}

/** The owner's account may do everything; so may services that publish in the owner's name, such as CloudWatch's alarms. */
export const defaultPolicy = (arn: string, account: string): string =>
  JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'SNS:GetTopicAttributes',
          'SNS:SetTopicAttributes',
          'SNS:AddPermission',
          'SNS:RemovePermission',
          'SNS:DeleteTopic',
          'SNS:Subscribe',
          'SNS:ListSubscriptionsByTopic',
          'SNS:Publish',
        ],
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  });

export function withPermission(topic: Topic, input: AddPermissionCommandInput): string {
  const statement = {
    Sid: input.Label ?? '',
    Effect: 'Allow',
    Principal: { AWS: (input.AWSAccountId ?? []).map((account) => `arn:aws:iam::${account}:root`) },
    Action: (input.ActionName ?? []).map((action) => `SNS:${action}`),
    Resource: topic.arn,
  };
  const policy = policyOf(topic);
  return JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] });
}

export function withoutPermission(topic: Topic, { Label }: RemovePermissionCommandInput): string {
  const policy = policyOf(topic);
  return JSON.stringify({ ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== Label) });
}

/** What a topic's policy may speak of. Source: SNS Developer Guide, "Amazon SNS API permissions". */
const actions = new Set(
  (
    'AddPermission DeleteTopic GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource ' +
    'Publish PutDataProtectionPolicy Receive RemovePermission SetTopicAttributes Subscribe'
  )
    .split(' ')
    .map((name) => `sns:${name}`.toLowerCase()),
);

/** The document, unless it speaks of more than a topic has (aws/aws-cli#3143, hashicorp/terraform#12740). */
export function checkScope(document: string): string {
  const { Statement } = JSON.parse(document) as { Statement: { Action?: string | string[] }[] };
  const asked = [Statement].flat().flatMap(({ Action = [] }) => Action);
  const outside = asked.find((action) => !actions.has(action.toLowerCase()));
  if (outside === undefined) return document;
  throw new AwsError(
    'InvalidParameterException',
    `Invalid parameter: Policy statement action out of service scope! [${outside}]`,
  );
}

const policyOf = ({ attributes }: Topic): Policy => JSON.parse(attributes.Policy ?? '{"Statement":[]}') as Policy;
