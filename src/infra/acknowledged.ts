/**
 * What the AWS Solutions rules of cdk-nag ask for and these stacks don't do, each with its reason. It is recorded with the CDK's own
 * validations: an app that runs the rules over its stacks is told nothing twice, and the rules are no dependency of ours.
 */

import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { partialWildcardReason, wildcardReason } from '../plan/wildcards.ts';

const pack = 'AwsSolutions';

const reasons = {
  AS3: 'scaling is watched by alarms; a message for each instance would drown the ones that matter',
  EC23: 'the load balancer is the public door; instances and database admit only the group before them',
  EC26: 'the rule reads no mixed instances policy; volumes are encrypted as their image says, and copied images are',
  ELB2: 'access logs are the owner’s choice: they cost, and no recovery reads them',
  L1: 'Node.js 22 has long-term support; the runtime moves when the SDK inside the bundle asks for it',
  RDS2: 'a replica is encrypted because its source is, under the key it is given; CloudFormation refuses to be told so',
  RDS3: 'the replica is made Multi-AZ after it is promoted; on standby a second copy in the same Region would double its cost',
  RDS11: 'another port hides nothing from who is inside the VPC, and nobody else can reach it',
  S1: 'access logs are the owner’s choice: they cost, and no recovery reads them',
  SF1: 'every step writes to the journal in the state table, and Step Functions keeps the history for 90 days',
  SF2: 'the journal times every step; traces would be one more thing a recovery needs',
  SMG4: 'a rotation in the middle of a failover would lock the application out; rotate by hand while all is well',
  VPC7: 'flow logs are the owner’s choice: they cost, and no recovery reads them',
} as const;

export type Acknowledged = keyof typeof reasons;

export function acknowledge(scope: IConstruct, ...rules: Acknowledged[]): void {
  Validations.of(scope).acknowledge(...rules.map((rule) => ({ id: `${pack}-${rule}`, reason: reasons[rule] })));
}

/** A boundary grants nothing: its wildcards stand for all that the roles' own policies name. */
export function acknowledgeBoundary(
  scope: IConstruct,
  statements: readonly { readonly Resource: readonly string[] }[],
) {
  const arns = new Set(statements.flatMap(({ Resource }) => Resource).filter((arn) => arn.includes('*')));
  const reason = 'a permissions boundary grants nothing: what each role may is in its own policy';
  Validations.of(scope).acknowledge(...[...arns].map((arn) => ({ id: `${pack}-IAM5[Resource::${arn}]`, reason })));
}

/** Wildcards in a policy's resources, each with the reason it stands there. */
export function acknowledgeWildcards(
  scope: IConstruct,
  statements: readonly { readonly Action: readonly string[]; readonly Resource: readonly string[] }[],
): void {
  const found = new Map<string, string>();
  for (const { Action, Resource } of statements) {
    for (const arn of Resource) {
      if (!arn.includes('*')) continue;
      const why = arn === '*' ? Action.map(wildcardReason).join('; ') : partialWildcardReason(arn);
      found.set(arn, [found.get(arn), why].filter((one) => one !== undefined).join('; '));
    }
  }
  const rules = [...found].map(([arn, reason]) => ({ id: `${pack}-IAM5[Resource::${arn}]`, reason }));
  if (rules.length > 0) Validations.of(scope).acknowledge(...rules);
}
