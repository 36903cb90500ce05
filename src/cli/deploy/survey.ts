/** Everything a deployment or a `diff` knows before anything is changed: who, where, which stacks stand, what would change, what is missing. */

import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../kernel/clock.ts';
import { sleep, wallClock } from '../../kernel/clock.ts';
import type { Workload } from '../../workload/config.ts';
import type { Side } from '../../workload/judged.ts';
import { regionOf } from '../../workload/judged.ts';
import type { AssemblyStack } from './assembly.ts';
import { readAssembly } from './assembly.ts';
import type { Access } from './assumed-role.ts';
import { accessTo } from './assumed-role.ts';
import type { Destination } from './destination.ts';
import { existingProblems } from './existing.ts';
import { permissionProblems } from './permissions.ts';
import { AssetPublisher } from './publish-assets.ts';
import type { Caller } from './region-look.ts';
import type { Problem } from './requirements.ts';
import { lookAround, requirements } from './requirements.ts';
import { reviewStack } from './review.ts';
import type { StackPlan } from './stack-plan.ts';
import { isUnderWay, neverCameUp, wayOut } from './stack-states.ts';
import { describedStack } from './watch-stack.ts';

export interface Survey {
  readonly caller: Caller;
  readonly access: Access;
  /** Of the Regions that are deployed to, in the assembly's order. */
  readonly stacks: readonly AssemblyStack[];
  readonly standing: ReadonlyMap<string, Stack>;
  readonly plans: readonly StackPlan[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  /** The workload's Regions that don't answer. */
  readonly dark: readonly string[];
  readonly toBootstrap: readonly string[];
}

export interface SurveyOptions {
  readonly workload: Workload;
  readonly destination: Destination;
  readonly assemblyDirectory: string;
  readonly only?: Side;
  readonly mayBootstrap: boolean;
  /** Told when something is waited for. */
  readonly tell: (text: string) => void;
  readonly clock?: Clock;
  /** Look at what stands, but make no change sets and don't judge. */
  readonly standingOnly?: boolean;
}

export type Surveyed = Survey | { readonly problems: readonly Problem[]; readonly dark: readonly string[] };

/** Without a caller, or with a Region to be deployed to dark, there is nothing but problems to tell. */
export async function survey(options: SurveyOptions): Promise<Surveyed> {
  try {
    return await looked(options);
  } catch (error) {
    // Where IAM's simulator can't be asked beforehand, the first call that is refused tells.
    if (!(error instanceof Error) || !error.name.startsWith('AccessDenied')) throw error;
    const next = "Grant it, or let the caller assume the bootstrap's deploy role.";
    return { problems: [{ what: error.message, next }], dark: [] };
  }
}

async function looked(options: SurveyOptions): Promise<Surveyed> {
  const { assemblyDirectory, clock = wallClock, destination, mayBootstrap, only, tell, workload } = options;
  const regions = [workload.primary.region, workload.recovery.region];
  const wanted = only === undefined ? regions : [regionOf(workload, only)];
  const look = await lookAround(workload, destination, regions);
  const ofOthers = (problem: Problem) => problem.region !== undefined && !wanted.includes(problem.region);
  const problems = look.problems.filter((problem) => !ofOthers(problem));
  const { caller, dark } = look;
  if (caller === undefined || problems.length > 0) return { problems, dark };
  const all = await readAssembly(assemblyDirectory, async () => caller.account);
  const stacks = all.filter(({ region }) => only === undefined || wanted.includes(region));
  const access = await accessTo(destination, stacks, [...new Set(stacks.map(({ region }) => region))]);
  // Some of what follows is asked of control planes that stand elsewhere.
  const clients = (region: string) => destination.quick(region);
  const permissions = await permissionProblems(caller, stacks, { clients, ownIn: access.ownIn, toBootstrap: [] });
  if (permissions.problems.length > 0) return { problems: permissions.problems, dark };
  const standing = new Map<string, Stack>();
  await Promise.all(
    stacks.map(async ({ id, region, stackName }) => {
      const found = await atRest(await access.clients(region).cloudFormation(), stackName, region, clock, tell);
      if (found !== undefined) standing.set(id, found);
    }),
  );
  const base = { caller, access, stacks, standing, dark };
  if (options.standingOnly) return { ...base, plans: [], problems: [], notes: [], toBootstrap: [] };
  const stuck = new Map<string, Problem>();
  for (const { id, region, stackName } of stacks) {
    const status = standing.get(id)?.StackStatus ?? '';
    const next = status === '' ? undefined : wayOut(stackName, region, status);
    if (next !== undefined) stuck.set(id, { region, what: `The stack ${stackName} is in ${status}.`, next });
  }
  const isNew = ({ id }: AssemblyStack) => {
    const status = standing.get(id)?.StackStatus ?? 'REVIEW_IN_PROGRESS';
    return status === 'REVIEW_IN_PROGRESS' || neverCameUp.has(status);
  };
  const neverUp = (stackName: string) =>
    [...standing.values()].some((stack) => stack.StackName === stackName && neverCameUp.has(stack.StackStatus ?? ''));
  const { engine } = workload.database;
  const [needs, existing] = await Promise.all([
    requirements(stacks, isNew, caller, { clients, ownIn: access.ownIn, mayBootstrap, neverUp, engine }),
    existingProblems(
      workload,
      wanted.filter((region) => !dark.includes(region)),
      clients,
    ),
  ]);
  const missing = await Promise.all(unmet(all, stacks, dark).map((stack) => undeployed(stack, destination)));
  const publisher = new AssetPublisher(access.clients);
  const plans = await Promise.all(
    stacks
      .filter(({ id }) => !stuck.has(id))
      .map(async (stack) => {
        const client = await access.clients(stack.region).cloudFormation();
        return reviewStack(stack, standing.get(stack.id), { client, clock, publisher });
      }),
  );
  return {
    ...base,
    plans,
    ...needs,
    problems: [...stuck.values(), ...existing.problems, ...needs.problems, ...missing.flat()],
    notes: [...needs.notes, ...existing.notes],
  };
}

/** Stacks that aren't deployed now but that those which are wait for, in Regions that answer. */
function unmet(
  all: readonly AssemblyStack[],
  stacks: readonly AssemblyStack[],
  dark: readonly string[],
): AssemblyStack[] {
  const chosen = new Set(stacks.map(({ id }) => id));
  const awaited = new Set(stacks.flatMap(({ after }) => after).filter((id) => !chosen.has(id)));
  return all.filter(({ id, region }) => awaited.has(id) && !dark.includes(region));
}

async function undeployed({ region, stackName }: AssemblyStack, destination: Destination): Promise<Problem[]> {
  const found = await describedStack(await destination.clients(region).cloudFormation(), stackName);
  if (found !== undefined && !neverCameUp.has(found.StackStatus ?? '') && found.StackStatus !== 'REVIEW_IN_PROGRESS')
    return [];
  return [
    {
      region,
      what: `The stack ${stackName}, which others build on, isn't deployed.`,
      next: 'Deploy both Regions first: leave --only out.',
    },
  ];
}

/** Milliseconds between looks at a stack somebody else is changing. */
const look = 3000;

async function atRest(
  client: Parameters<typeof describedStack>[0],
  stackName: string,
  region: string,
  clock: Clock,
  tell: (text: string) => void,
): Promise<Stack | undefined> {
  let told = '';
  for (;;) {
    const found = await describedStack(client, stackName);
    const status = found?.StackStatus ?? '';
    if (!isUnderWay(status)) return found;
    if (status !== told) tell(`Waiting for ${stackName} in ${region}, which is in ${status}.`);
    told = status;
    await sleep(clock, look);
  }
}
