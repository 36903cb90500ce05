/** What must be there before a deployment starts, looked for all at once: one list of what isn't, each with what to do about it. */

import type { AccountClients } from '../../aws/account-clients.ts';
import type { Workload } from '../../workload/config.ts';
import type { AssemblyStack } from './assembly.ts';
import type { BootstrapStanding } from './bootstrap.ts';
import { bootstrapNeeds, bootstrapStanding } from './bootstrap.ts';
import type { Destination } from './destination.ts';
import { offeringProblems } from './offerings.ts';
import { permissionProblems } from './permissions.ts';
import { quotaProblems } from './quotas.ts';
import type { Caller } from './region-look.ts';
import { lookAtRegions } from './region-look.ts';
import { nameProblems } from './taken-names.ts';

export interface Problem {
  /** A Region, or none where it is about all of them. */
  readonly region?: string;
  readonly what: string;
  readonly next: string;
}

export interface Findings {
  readonly problems: readonly Problem[];
  /** What couldn't be looked at, and why: no reason to stop. */
  readonly notes: readonly string[];
  readonly dark: readonly string[];
  readonly caller: Caller | undefined;
  /** Regions that have to be bootstrapped, which a deployment can do. */
  readonly toBootstrap: readonly string[];
}

/** Who we are and which Regions answer: what everything else rests on. */
export async function lookAround(workload: Workload, destination: Destination, regions: readonly string[]) {
  const look = await lookAtRegions(regions, (region) => destination.quick(region));
  const problems = [...look.problems];
  if (look.caller !== undefined && look.caller.account !== workload.account) {
    problems.push({
      what: `The credentials belong to account ${look.caller.account}, the config names ${workload.account}.`,
      next: `Use credentials of ${workload.account} (--profile), or correct the config's account.`,
    });
  }
  return { ...look, problems };
}

/** What the stacks that are to be deployed need, in Regions that answer. */
export async function requirements(
  stacks: readonly AssemblyStack[],
  /** Whether a stack has to be made. */
  isNew: (stack: AssemblyStack) => boolean,
  caller: Caller,
  options: {
    readonly clients: (region: string) => AccountClients;
    readonly ownIn: ReadonlyMap<string, string>;
    readonly mayBootstrap: boolean;
    readonly neverUp: (stackName: string) => boolean;
    /** The workload's database engine. */
    readonly engine: string;
  },
): Promise<Pick<Findings, 'problems' | 'notes' | 'toBootstrap'>> {
  const { clients, engine, mayBootstrap, neverUp, ownIn } = options;
  const fresh = stacks.filter(isNew);
  const bootstraps = await Promise.all(
    bootstrapNeeds(stacks).map(async (need) => ({
      need,
      standing: await bootstrapStanding(need, clients(need.region)),
    })),
  );
  const missing = bootstraps.filter(({ standing }) => standing.state !== 'ready');
  const toBootstrap = missing.filter(({ standing }) => standing.state === 'makeable').map(({ need }) => need.region);
  const found = await Promise.all([
    quotaProblems(fresh, clients),
    nameProblems(fresh, neverUp, clients),
    offeringProblems(stacks, engine, clients),
    permissionProblems(caller, stacks, { clients, ownIn, toBootstrap }),
  ]);
  return {
    problems: [
      ...missing
        .filter(({ standing }) => standing.state === 'foreign' || !mayBootstrap)
        .map(({ need, standing }) => bootstrapProblem(need.region, need.version, standing, caller)),
      ...found.flatMap(({ problems }) => problems),
    ],
    notes: found.flatMap(({ notes }) => notes),
    toBootstrap,
  };
}

function bootstrapProblem(
  region: string,
  version: number,
  { given, state }: BootstrapStanding,
  caller: Caller,
): Problem {
  return {
    region,
    what: `It isn't bootstrapped for CDK deployments: ${given}, version ${version} or newer is needed.`,
    next:
      state === 'foreign'
        ? `Run \`npx cdk bootstrap aws://${caller.account}/${region}\`.`
        : `Add --bootstrap, or run \`npx cdk bootstrap aws://${caller.account}/${region}\`.`,
  };
}
