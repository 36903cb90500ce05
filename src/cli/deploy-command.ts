/** `pilot-light deploy`: looks, says what would change and what stands in the way, asks once, and deploys. */

import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import { agreed, atTerminal } from './deploy/ask.ts';
import type { Scene } from './deploy/at-destination.ts';
import { atDestination } from './deploy/at-destination.ts';
import type { Touch } from './deploy/control-planes.ts';
import { cannotWithout, touchesOf } from './deploy/control-planes.ts';
import { deployStacks } from './deploy/deploy-assembly.ts';
import type { DeployedStack } from './deploy/deploy-stack.ts';
import { deployView, duration } from './deploy/deploy-view.ts';
import type { Destination } from './deploy/destination.ts';
import { explained } from './deploy/explain-failure.ts';
import { runInProgress } from './deploy/in-use.ts';
import { judgement } from './deploy/judgement.ts';
import { Refusal } from './deploy/refusal.ts';
import type { Problem } from './deploy/requirements.ts';
import { securityChanges } from './deploy/security.ts';
import { planLines, securityLines, touchLines } from './deploy/show-plan.ts';
import { hasChanges, lossOf } from './deploy/stack-plan.ts';
import type { Survey } from './deploy/survey.ts';
import { survey } from './deploy/survey.ts';
import { StackFailure } from './deploy/watch-stack.ts';
import type { DeployFlags } from './deploy-commands.ts';
import type { Interruption } from './interruption.ts';
import { synthesize } from './synthesize.ts';
import { printJson } from './text.ts';

export interface DeployReport {
  readonly outcome: 'deployed' | 'unchanged' | 'failed' | 'declined' | 'refused';
  readonly workload: string;
  readonly destination: string;
  readonly stacks: readonly { readonly stackName: string; readonly region: string; readonly outcome: string }[];
  readonly seconds: number;
  readonly touches: readonly Touch[];
  readonly failure?: object;
  readonly problems?: readonly Problem[];
}

const tell = (...lines: string[]): void => void process.stderr.write(`${lines.join('\n')}\n`);

export const deploy = (flags: DeployFlags): Promise<number> =>
  atDestination('deploy', flags, (scene) => run(flags, scene));

async function run(
  flags: DeployFlags,
  { workload, baseDirectory, destination, directory, interrupted, begin }: Scene,
): Promise<number> {
  const began = performance.now();
  const name = `${workload.environment}-${workload.name}`;
  const report = (outcome: DeployReport['outcome'], more: Partial<DeployReport> = {}): void => {
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    const base = { outcome, workload: name, destination: destination.says, stacks: [], touches: [], seconds };
    if (flags.json) printJson({ ...base, ...more });
  };
  try {
    tell(
      `Deploying ${name} with ${destination.says}${flags.only === undefined ? '' : `, the ${flags.only} Region only`}.`,
    );
    const found = await prepared(flags, workload, baseDirectory, destination, directory, interrupted);
    const busy = await runsAgainst(workload, destination, found.dark, flags);
    const changed = found.plans.filter(hasChanges);
    const touches = touchesOf(changed, [workload.primary.region, workload.recovery.region]);
    tell(...planLines(changed, { properties: false }));
    const standing = changed.filter(({ action }) => action === 'update');
    tell(
      ...securityLines(securityChanges(standing)),
      ...touchLines(touches),
      ...[...found.notes, ...busy.notes].map((note) => `Note: ${note}`),
    );
    refuse({ ...found, problems: [...busy.problems, ...found.problems] }, touches, flags);
    if (changed.length === 0) {
      // Protection and stack policies aren't part of a change set: a deployment that was cut short may not have come to them.
      await deployStacks(found.stacks, { clients: found.access.clients });
      tell('Nothing has changed.');
      report('unchanged');
      return 0;
    }
    if (!(await agreed(question(found), flags.yes === true, '--yes'))) {
      tell('Nothing was changed.');
      report('declined', { touches });
      return 0;
    }
    begin();
    return await carriedOut(found, flags, destination, interrupted, touches, report);
  } catch (error) {
    if (error instanceof Refusal) report('refused', { problems: error.problems });
    throw error;
  }
}

/** Synthesizes beside the first looks at AWS, and offers the Region that answers when the other is dark. */
async function prepared(
  flags: DeployFlags,
  workload: Workload,
  baseDirectory: string,
  destination: Destination,
  directory: string,
  { signal }: Interruption,
): Promise<Survey> {
  const assemblyDirectory = await synthesize(baseDirectory, directory, signal);
  tell('Synthesized. Looking at what stands, what is missing and what would change.');
  const mayBootstrap = destination.kind === 'sandbox' || flags.bootstrap === true || atTerminal();
  const looked = (only: Side | undefined) =>
    survey({ workload, destination, assemblyDirectory, mayBootstrap, tell, ...(only === undefined ? {} : { only }) });
  const found = await looked(flags.only);
  if ('plans' in found) return found;
  const lit = (['primary', 'recovery'] as const).filter((side) => !found.dark.includes(regionOf(workload, side)));
  const [side] = lit;
  const darkAlone = found.problems.every(({ region }) => region !== undefined && found.dark.includes(region));
  if (flags.only === undefined && lit.length === 1 && side !== undefined && darkAlone && atTerminal()) {
    const offer = `${found.dark.join(', ')} doesn't answer. Go on with the ${side} Region alone?`;
    if (await agreed(offer, false, `--only ${side}`)) {
      const one = await looked(side);
      if ('plans' in one) return one;
      throw new Refusal('a deployment', one.problems);
    }
  }
  throw new Refusal('a deployment', found.problems);
}

/** A failover or failback that is going on: from the recovery Region, which knows. */
async function runsAgainst(
  workload: Workload,
  destination: Destination,
  dark: readonly string[],
  { anyway }: DeployFlags,
): Promise<{ problems: readonly Problem[]; notes: readonly string[] }> {
  const { region } = workload.recovery;
  if (anyway === true) return { problems: [], notes: [] };
  if (dark.includes(region))
    return { problems: [], notes: [`Whether a run is in progress can't be seen: ${region} doesn't answer.`] };
  return runInProgress(workload, (of) => destination.quick(of));
}

/** @throws one refusal with everything that must not, or can not, be done. */
function refuse({ dark, plans, problems }: Survey, touches: readonly Touch[], { anyway }: DeployFlags): void {
  const lost = plans.flatMap(({ region, resources, stackName }) =>
    resources.flatMap((resource): Problem[] => {
      const loss = lossOf(resource);
      if (loss === undefined) return [];
      const because = resource.properties.filter(({ replaces }) => replaces === 'always').map(({ path }) => path);
      return [
        {
          region,
          what: `${stackName}/${resource.logicalId} (${resource.type}) ${loss}${because.length === 0 ? '' : `, because of ${because.join(', ')}`}.`,
          next: 'Take the change back. To move what it holds, make the new one beside it first.',
        },
      ];
    }),
  );
  const gone = touches
    .filter((touch) => anyway !== true && cannotWithout(touch, dark))
    .map(
      ({ plane, region, resources, stackName }): Problem => ({
        region,
        what: `${stackName} would change ${someOf(resources)}, which needs ${plane}; ${dark.join(', ')} doesn't answer.`,
        next: 'Leave these changes until it is back, or try with --anyway: the stack then fails, and is rolled back.',
      }),
    );
  const all = [...problems, ...lost, ...gone];
  if (all.length > 0) throw new Refusal('a deployment', all);
}

const someOf = (resources: Touch['resources']): string => {
  const ids = resources.map(({ logicalId }) => logicalId);
  return `${ids.slice(0, 6).join(', ')}${ids.length > 6 ? ` and ${ids.length - 6} more` : ''}`;
};

function question({ caller, plans, toBootstrap }: Survey): string {
  const remade = plans.filter(({ action }) => action === 'remake').length;
  const count = plans.filter(hasChanges).length;
  const also = [
    ...(toBootstrap.length === 0 ? [] : [`bootstrap ${toBootstrap.join(' and ')}`]),
    ...(remade === 0 ? [] : [`delete and create again ${remade} that never came up`]),
  ];
  const and = also.length === 0 ? '' : `, and ${also.join(', ')}`;
  return `Deploy ${count} ${count === 1 ? 'stack' : 'stacks'} to account ${caller.account}${and}?`;
}

async function carriedOut(
  { access, plans, stacks }: Survey,
  { verbose = false }: DeployFlags,
  destination: Destination,
  { signal }: Interruption,
  touches: readonly Touch[],
  report: (outcome: DeployReport['outcome'], more: Partial<DeployReport>) => void,
): Promise<number> {
  const toDo = plans.map(({ action, of, region, resources, stackName }) => ({
    region,
    stackName,
    of: action === 'none' ? 0 : action === 'update' ? resources.length : of,
  }));
  const view = deployView(toDo, { doing: 'deploying', verbose });
  const began = performance.now();
  try {
    const { changed, stacks: deployed } = await deployStacks(stacks, {
      clients: access.clients,
      bootstrapClients: (region) => destination.clients(region),
      judge: judgement,
      onProgress: (progress) => {
        if (!signal.aborted) view.hear(progress);
      },
      signal,
    });
    view.close();
    tell(`Deployed: ${changed} of ${deployed.length} stacks changed, in ${duration(performance.now() - began)}.`);
    report('deployed', { stacks: deployed.map(outcomeOf), touches });
    return 0;
  } catch (error) {
    view.close();
    if (!(error instanceof StackFailure)) throw error;
    const { failure, says } = explained(error);
    tell(...says);
    report('failed', { failure, touches });
    return 1;
  }
}

const outcomeOf = ({ outcome, region, stackName }: DeployedStack) => ({ stackName, region, outcome });
