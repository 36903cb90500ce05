/** Names that stacks to be made give to what holds data, and that are taken already: CloudFormation would only say so after minutes. */

import type { AccountClients } from '../../aws/account-clients.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { AssemblyStack } from './assembly.ts';
import type { Problem } from './requirements.ts';
import type { Template } from './template-difference.ts';

interface Named {
  readonly type: string;
  readonly property: string;
  readonly what: string;
  /** Answers when it is there; throws one of `absent` when it isn't. */
  look(clients: AccountClients, name: string): Promise<unknown>;
  readonly absent: readonly string[];
}

const named: readonly Named[] = [
  {
    type: 'AWS::RDS::DBInstance',
    property: 'DBInstanceIdentifier',
    what: 'database',
    absent: ['DBInstanceNotFound', 'DBInstanceNotFoundFault'],
    async look(clients, DBInstanceIdentifier) {
      const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
      return (await clients.rds()).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
    },
  },
  {
    type: 'AWS::S3::Bucket',
    property: 'BucketName',
    what: 'bucket',
    absent: ['NotFound', 'NoSuchBucket', '404'],
    async look(clients, Bucket) {
      const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
      return (await clients.s3()).send(new HeadBucketCommand({ Bucket }));
    },
  },
  {
    type: 'AWS::DynamoDB::Table',
    property: 'TableName',
    what: 'table',
    absent: ['ResourceNotFoundException'],
    async look(clients, TableName) {
      const { DescribeTableCommand } = await import('@aws-sdk/client-dynamodb');
      return (await clients.dynamoDb()).send(new DescribeTableCommand({ TableName }));
    },
  },
  {
    type: 'AWS::DynamoDB::GlobalTable',
    property: 'TableName',
    what: 'table',
    absent: ['ResourceNotFoundException'],
    async look(clients, TableName) {
      const { DescribeTableCommand } = await import('@aws-sdk/client-dynamodb');
      return (await clients.dynamoDb()).send(new DescribeTableCommand({ TableName }));
    },
  },
  {
    type: 'AWS::SecretsManager::Secret',
    property: 'Name',
    what: 'secret',
    absent: ['ResourceNotFoundException'],
    async look(clients, SecretId) {
      const { DescribeSecretCommand } = await import('@aws-sdk/client-secrets-manager');
      return (await clients.secrets()).send(new DescribeSecretCommand({ SecretId }));
    },
  },
];

/** Bucket names are one list for all of AWS: somebody else's bucket answers 403, one of another Region 301. */
function bucketElsewhere(name: string, region: string, error: unknown): Problem | undefined {
  const { $metadata, name: code } = error as { readonly $metadata?: { httpStatusCode?: number }; name?: string };
  const status = $metadata?.httpStatusCode;
  const next =
    'Give the workload another name or environment: buckets are named after them, and the account and Region.';
  if (status === 403 || code === '403' || code === 'Forbidden' || code === 'AccessDenied')
    return { region, what: `The bucket name ${name} is taken by another account, or may not be looked at.`, next };
  if (status === 301 || code === '301' || code === 'PermanentRedirect')
    return { region, what: `The bucket name ${name} is taken: a bucket of another Region has it.`, next };
  return undefined;
}

export async function nameProblems(
  fresh: readonly AssemblyStack[],
  /** Whether a stack of this name stands and never came up. */
  neverUp: (stackName: string) => boolean,
  clients: (region: string) => AccountClients,
): Promise<{ problems: Problem[]; notes: string[] }> {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const look = async (one: Named, name: string, { region, stackName }: AssemblyStack): Promise<void> => {
    try {
      await one.look(clients(region), name);
    } catch (error) {
      const code = error instanceof Error ? error.name : '';
      if (one.absent.includes(code)) return;
      const elsewhere = one.type === 'AWS::S3::Bucket' ? bucketElsewhere(name, region, error) : undefined;
      if (elsewhere === undefined)
        notes.push(`${region}: whether the ${one.what} ${name} exists couldn't be seen (${messageOf(error)}).`);
      else problems.push(elsewhere);
      return;
    }
    const failed = neverUp(stackName);
    problems.push({
      region,
      what: failed
        ? `The ${one.what} ${name} was left behind by ${stackName}, which never came up.`
        : `The ${one.what} ${name} exists already, and no stack ${stackName} that it belongs to.`,
      next: failed
        ? "If this was the workload's first deployment it holds nothing: `pilot-light destroy --delete-data`, then deploy again."
        : 'Import it into that stack (aws cloudformation create-change-set --change-set-type IMPORT), or, if nothing in it is needed, delete it: `pilot-light destroy --delete-data`.',
    });
  };
  await Promise.all(
    fresh.flatMap((stack) => {
      const { Resources = {} } = JSON.parse(stack.template) as Template;
      return Object.values(Resources).flatMap(({ Properties = {}, Type }) =>
        named.flatMap((one) => {
          const name = Properties[one.property];
          return one.type === Type && typeof name === 'string' ? [look(one, name, stack)] : [];
        }),
      );
    }),
  );
  return { problems, notes };
}
