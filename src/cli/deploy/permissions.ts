/**
 * Whether the caller may do what a deployment does. The bootstrap's deploy role is what is used where it can be assumed; elsewhere the
 * caller's own policies are asked through IAM's simulator.
 */

import type { AccountClients } from '../../aws/account-clients.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { AssemblyStack } from './assembly.ts';
import type { Caller } from './region-look.ts';
import type { Problem } from './requirements.ts';

interface PermissionOptions {
  readonly clients: (region: string) => AccountClients;
  /** Regions whose deploy role couldn't be assumed, with AWS's reason. */
  readonly ownIn: ReadonlyMap<string, string>;
  readonly toBootstrap: readonly string[];
}

export async function permissionProblems(
  { account, arn }: Caller,
  stacks: readonly AssemblyStack[],
  { clients, ownIn, toBootstrap }: PermissionOptions,
): Promise<{ problems: Problem[]; notes: string[] }> {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const principal = simulated(arn);
  await Promise.all(
    [...ownIn].map(async ([region, reason]) => {
      const here = stacks.filter((stack) => stack.region === region);
      const asks = [
        ...asksOf(here, account, region),
        ...(toBootstrap.includes(region) ? bootstrapAsks(account, region) : []),
      ];
      if (principal === undefined) return;
      const denied = await deniedOf(principal, asks, clients(region)).catch((error: unknown) => {
        notes.push(
          `${region}: the deploy role can't be assumed, and what ${arn} may couldn't be looked up (${messageOf(error)}).`,
        );
        return [];
      });
      if (denied.length === 0) return;
      const bootstrapped = !toBootstrap.includes(region);
      problems.push({
        region,
        what: `${arn} may not ${denied.join(', ')}${bootstrapped ? `, nor assume the deploy role: ${reason}` : ''}`,
        next: bootstrapped
          ? `Let it assume ${here.find(({ deployRole }) => deployRole)?.deployRole ?? "the bootstrap's deploy role"}, or grant these actions.`
          : 'Bootstrap with credentials of an administrator, or grant these actions.',
      });
    }),
  );
  return { problems, notes };
}

interface Ask {
  readonly actions: readonly string[];
  readonly resource: string;
}

function asksOf(stacks: readonly AssemblyStack[], account: string, region: string): Ask[] {
  const [stack] = stacks;
  const bucket = stacks.flatMap(({ assets }) => assets).find((asset) => asset.region === region)?.bucket;
  return [
    {
      actions: [
        'CreateChangeSet',
        'DescribeChangeSet',
        'ExecuteChangeSet',
        'DescribeStacks',
        'DescribeStackEvents',
        'GetTemplate',
      ].map((name) => `cloudformation:${name}`),
      resource: `arn:aws:cloudformation:${region}:${account}:stack/${stack?.stackName ?? '*'}/*`,
    },
    ...(stack?.executionRole === undefined ? [] : [{ actions: ['iam:PassRole'], resource: stack.executionRole }]),
    ...(bucket === undefined ? [] : [{ actions: ['s3:PutObject'], resource: `arn:aws:s3:::${bucket}/*` }]),
  ];
}

const bootstrapAsks = (account: string, region: string): Ask[] => [
  { actions: ['iam:CreateRole', 'iam:PutRolePolicy'], resource: `arn:aws:iam::${account}:role/cdk-*-${region}` },
  { actions: ['s3:CreateBucket'], resource: `arn:aws:s3:::cdk-*-assets-${account}-${region}` },
  { actions: ['ssm:PutParameter'], resource: `arn:aws:ssm:${region}:${account}:parameter/cdk-bootstrap/*` },
];

async function deniedOf(PolicySourceArn: string, asks: readonly Ask[], clients: AccountClients): Promise<string[]> {
  const { SimulatePrincipalPolicyCommand } = await import('@aws-sdk/client-iam');
  const client = await clients.iam();
  const answers = await Promise.all(
    asks.map(({ actions, resource }) =>
      client.send(
        new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: [...actions], ResourceArns: [resource] }),
      ),
    ),
  );
  return answers.flatMap(({ EvaluationResults = [] }) =>
    EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== 'allowed').map(
      ({ EvalActionName = '' }) => EvalActionName,
    ),
  );
}

/** The simulator judges users and roles, not sessions; the root user may do anything. */
function simulated(arn: string): string | undefined {
  const [, partition, account, role] = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  if (role !== undefined) return `arn:${partition}:iam::${account}:role/${role}`;
  return arn.endsWith(':root') ? undefined : arn;
}
