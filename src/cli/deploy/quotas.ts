/**
 * Whether what would be made fits into the account's quotas, where an API of the service itself tells them. VPCs' quota is told by
 * Service Quotas alone: there the default is what is compared with, as a note.
 */

import type { AccountClients } from '../../aws/account-clients.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { AssemblyStack } from './assembly.ts';
import type { Problem } from './requirements.ts';
import type { Template } from './template-difference.ts';

interface Quota {
  readonly type: string;
  readonly what: string;
  /** Whose quota it is: `global` is asked for once. */
  readonly scope: 'region' | 'global';
  /** `kept`: what of the quota can't be had. */
  read(
    clients: AccountClients,
  ): Promise<{ readonly used: number; readonly limit: number; readonly certain?: boolean; readonly kept?: number }>;
  /** How much one resource takes. @default 1 */
  readonly takes?: (properties: Readonly<Record<string, unknown>>) => number;
  readonly code: string;
  /** What else helps than a larger quota. */
  readonly instead?: string;
}

const quotas: readonly Quota[] = [
  {
    type: 'AWS::RDS::DBInstance',
    what: 'DB instances',
    scope: 'region',
    code: '--service-code rds --quota-code L-7B6409FD',
    async read(clients) {
      const { DescribeAccountAttributesCommand } = await import('@aws-sdk/client-rds');
      const { AccountQuotas = [] } = await (await clients.rds()).send(new DescribeAccountAttributesCommand({}));
      const quota = AccountQuotas.find(({ AccountQuotaName }) => AccountQuotaName === 'DBInstances');
      return { used: quota?.Used ?? 0, limit: quota?.Max ?? Number.POSITIVE_INFINITY };
    },
  },
  {
    type: 'AWS::EC2::EIP',
    what: 'elastic IP addresses',
    scope: 'region',
    code: '--service-code ec2 --quota-code L-0263D0A3',
    async read(clients) {
      const { DescribeAccountAttributesCommand, DescribeAddressesCommand } = await import('@aws-sdk/client-ec2');
      const client = await clients.ec2();
      const name = 'vpc-max-elastic-ips';
      const { AccountAttributes } = await client.send(
        new DescribeAccountAttributesCommand({ AttributeNames: [name as never] }),
      );
      const value = AccountAttributes?.[0]?.AttributeValues?.[0]?.AttributeValue;
      const { Addresses = [] } = await client.send(new DescribeAddressesCommand({}));
      return { used: Addresses.length, limit: value === undefined ? Number.POSITIVE_INFINITY : Number(value) };
    },
  },
  {
    type: 'AWS::EC2::VPC',
    what: 'VPCs',
    scope: 'region',
    code: '--service-code vpc --quota-code L-F678F1CE',
    async read(clients) {
      const { paginateDescribeVpcs } = await import('@aws-sdk/client-ec2');
      let used = 0;
      for await (const page of paginateDescribeVpcs({ client: await clients.ec2() }, {}))
        used += page.Vpcs?.length ?? 0;
      // Source: Amazon VPC User Guide, "Amazon VPC quotas": 5 unless raised.
      return { used, limit: 5, certain: false };
    },
  },
  {
    type: 'AWS::Route53::HealthCheck',
    what: 'health checks',
    scope: 'global',
    code: '--service-code route53 --quota-code L-ACB674F3',
    async read(clients) {
      const { GetAccountLimitCommand } = await import('@aws-sdk/client-route-53');
      const asked = new GetAccountLimitCommand({ Type: 'MAX_HEALTH_CHECKS_BY_OWNER' });
      const { Count = 0, Limit } = await (await clients.route53()).send(asked);
      return { used: Count, limit: Limit?.Value ?? Number.POSITIVE_INFINITY };
    },
  },
  {
    type: 'AWS::Lambda::Function',
    what: 'reserved invocations at a time',
    scope: 'region',
    code: '--service-code lambda --quota-code L-B99A9384',
    instead: 'Or set control.reserveConcurrency to false: then Pilot Light shares with everything else in the account.',
    takes: ({ ReservedConcurrentExecutions: reserved }) => (typeof reserved === 'number' ? reserved : 0),
    async read(clients) {
      const { GetAccountSettingsCommand } = await import('@aws-sdk/client-lambda');
      const { AccountLimit = {} } = await (await clients.lambda()).send(new GetAccountSettingsCommand({}));
      const { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: left } = AccountLimit;
      if (limit === undefined) return { used: 0, limit: Number.POSITIVE_INFINITY };
      // A hundred stay unreserved. Source: Lambda Developer Guide, "Configuring reserved concurrency".
      const kept = 100;
      return { used: limit - (left ?? limit), limit: Math.max(0, limit - kept), kept };
    },
  },
];

export async function quotaProblems(
  fresh: readonly AssemblyStack[],
  clients: (region: string) => AccountClients,
): Promise<{ problems: Problem[]; notes: string[] }> {
  const problems: Problem[] = [];
  const notes: string[] = [];
  await Promise.all(
    quotas.flatMap((quota) => {
      const needs = neededOf(quota, fresh);
      return [...needs].map(async ([region, needed]) => {
        try {
          const { certain = true, kept = 0, limit, used } = await quota.read(clients(region));
          if (used + needed <= limit) return;
          const says = `${needed} more ${quota.what} would be made; ${used} of ${limit} are in use.`;
          const raise = `Remove what isn't needed, or ask for more: aws service-quotas request-service-quota-increase ${quota.code} --region ${region} --desired-value ${used + needed + kept}${quota.instead === undefined ? '' : `. ${quota.instead}`}`;
          if (certain) problems.push({ region, what: says, next: raise });
          else notes.push(`${region}: ${says.slice(0, -1)} unless the account's quota was raised.`);
        } catch (error) {
          notes.push(`${region}: the quota of ${quota.what} couldn't be read (${messageOf(error)}).`);
        }
      });
    }),
  );
  return { problems, notes };
}

/** How many a quota is asked for, by Region; a global one under the first Region that needs any. */
function neededOf({ scope, takes = () => 1, type }: Quota, fresh: readonly AssemblyStack[]): Map<string, number> {
  const needed = new Map<string, number>();
  const [first] = fresh;
  for (const { region, template } of fresh) {
    const { Resources = {} } = JSON.parse(template) as Template;
    const counted = Object.values(Resources).filter(({ Type }) => Type === type);
    const count = counted.reduce((sum, { Properties = {} }) => sum + takes(Properties), 0);
    const key = scope === 'global' ? (first?.region ?? region) : region;
    if (count > 0) needed.set(key, (needed.get(key) ?? 0) + count);
  }
  return needed;
}
