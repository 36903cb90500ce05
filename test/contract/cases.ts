/** Every case, by service. */

import { cloudformation } from './cases/cloudformation.ts';
import { dynamodb } from './cases/dynamodb.ts';
import { acm, globalaccelerator } from './cases/edge.ts';
import { errors } from './cases/errors.ts';
import { events, sns } from './cases/events.ts';
import { iam, sts } from './cases/iam.ts';
import { kms, secretsmanager } from './cases/keys-and-secrets.ts';
import { lambda } from './cases/lambda.ts';
import { balancers, groups, images } from './cases/machines.ts';
import { autoscaling, ec2, elasticloadbalancing, route53 } from './cases/network.ts';
import { instanceTypes, mixedGroups } from './cases/offers.ts';
import { rds } from './cases/rds.ts';
import { routing } from './cases/routing.ts';
import { s3 } from './cases/s3.ts';
import { sqs } from './cases/sqs.ts';
import { ssm } from './cases/ssm.ts';
import { states } from './cases/states.ts';
import { logs, monitoring, scheduler } from './cases/watching.ts';
import type { ContractCase } from './contract.ts';

export const contract: Readonly<Record<string, readonly ContractCase[]>> = {
  'every service': errors,
  s3,
  ssm,
  sqs,
  dynamodb,
  events,
  sns,
  kms,
  secretsmanager,
  lambda,
  states,
  cloudformation,
  iam,
  sts,
  ec2: [...ec2, ...images, ...instanceTypes],
  elasticloadbalancing: [...elasticloadbalancing, ...balancers],
  autoscaling: [...autoscaling, ...groups, ...mixedGroups],
  rds,
  acm,
  globalaccelerator,
  route53: [...route53, ...routing],
  monitoring,
  logs,
  scheduler,
};
