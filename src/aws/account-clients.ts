/**
 * The client factory of whoever stands before the account: the same, and the services that deploying and looking around take. No
 * function imports it: a client in their bundle is loaded on every cold start, and held by every one of them.
 */

import type { ACMClient } from '@aws-sdk/client-acm';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { Route53Client } from '@aws-sdk/client-route-53';
import type { STSClient } from '@aws-sdk/client-sts';
import type { ClientOptions, Clients } from './clients.ts';
import { clientConfig, clientsFor, once } from './clients.ts';

export interface AccountClients extends Clients {
  acm(): Promise<ACMClient>;
  cloudFormation(): Promise<CloudFormationClient>;
  iam(): Promise<IAMClient>;
  kms(): Promise<KMSClient>;
  logs(): Promise<CloudWatchLogsClient>;
  route53(): Promise<Route53Client>;
  sts(): Promise<STSClient>;
}

/** Clients of one Region. */
export function accountClientsFor(region: string, options: ClientOptions = {}): AccountClients {
  const config = clientConfig(region, options);
  return {
    ...clientsFor(region, options),
    acm: once(async () => new (await import('@aws-sdk/client-acm')).ACMClient(config)),
    cloudFormation: once(async () => new (await import('@aws-sdk/client-cloudformation')).CloudFormationClient(config)),
    iam: once(async () => new (await import('@aws-sdk/client-iam')).IAMClient(config)),
    kms: once(async () => new (await import('@aws-sdk/client-kms')).KMSClient(config)),
    logs: once(async () => new (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogsClient(config)),
    route53: once(async () => new (await import('@aws-sdk/client-route-53')).Route53Client(config)),
    sts: once(async () => new (await import('@aws-sdk/client-sts')).STSClient(config)),
  };
}
