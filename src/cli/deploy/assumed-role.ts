/** The bootstrap's roles, taken on as the CDK CLI does; the caller's own credentials where a role can't be had. */

import type { AccountClients } from '../../aws/account-clients.ts';
import type { AssemblyStack } from './assembly.ts';
import type { DeployClients } from './deploy-assembly.ts';
import type { Destination } from './destination.ts';

export interface Access {
  /** What stacks are changed and files uploaded with. */
  readonly clients: (region: string) => DeployClients;
  /** Regions whose deploy role couldn't be assumed, with AWS's reason: there the caller's own permissions count. */
  readonly ownIn: ReadonlyMap<string, string>;
}

/** In a sandbox the administrator's credentials do: its sessions run out by AWS time, which flies. */
export async function accessTo(
  destination: Destination,
  stacks: readonly AssemblyStack[],
  regions: readonly string[],
): Promise<Access> {
  const ownIn = new Map<string, string>();
  const made = new Map<string, DeployClients>();
  if (destination.kind === 'sandbox') return { clients: (region) => destination.clients(region), ownIn };
  await Promise.all(
    regions.map(async (region) => {
      const here = stacks.filter((stack) => stack.region === region);
      const deployRole = here.find((stack) => stack.deployRole !== undefined)?.deployRole;
      const publishingRole = here.flatMap(({ assets }) => assets).find((asset) => asset.publishingRole)?.publishingRole;
      const own = destination.clients(region);
      const taken = async (role: string | undefined): Promise<AccountClients> => {
        if (role === undefined) return own;
        const credentials = sessionOf(own, role);
        try {
          await credentials();
          return destination.as(region, credentials);
        } catch (error) {
          ownIn.set(region, error instanceof Error ? error.message : String(error));
          return own;
        }
      };
      const [deploying, publishing] = await Promise.all([taken(deployRole), taken(publishingRole)]);
      made.set(region, {
        cloudFormation: () => deploying.cloudFormation(),
        s3: () => publishing.s3(),
        ssm: () => deploying.ssm(),
        sts: () => own.sts(),
      });
    }),
  );
  return { clients: (region) => made.get(region) ?? destination.clients(region), ownIn };
}

const sessionSeconds = 3600;

function sessionOf(own: AccountClients, RoleArn: string) {
  return async () => {
    const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
    const { Credentials: given } = await (await own.sts()).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'pilot-light', DurationSeconds: sessionSeconds }),
    );
    const ends = given?.Expiration?.getTime() ?? 0;
    // An end further off than was asked for is told by a clock that isn't this machine's: nobody here can say when it comes.
    const foreign = ends > Date.now() + (sessionSeconds + 300) * 1000;
    return {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
      expiration: foreign ? new Date(0) : new Date(ends),
    };
  };
}
