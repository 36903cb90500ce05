/** `pilot-light diff`: what a deployment would change, and nothing changed by looking. */

import type { Scene } from './deploy/at-destination.ts';
import { atDestination } from './deploy/at-destination.ts';
import type { Touch } from './deploy/control-planes.ts';
import { touchesOf } from './deploy/control-planes.ts';
import { Refusal } from './deploy/refusal.ts';
import type { SecurityChange } from './deploy/security.ts';
import { securityChanges } from './deploy/security.ts';
import { planLines, securityLines, touchLines } from './deploy/show-plan.ts';
import type { StackPlan } from './deploy/stack-plan.ts';
import { hasChanges } from './deploy/stack-plan.ts';
import { survey } from './deploy/survey.ts';
import type { DiffFlags } from './deploy-commands.ts';
import { synthesize } from './synthesize.ts';
import { print, printJson } from './text.ts';

export interface DiffReport {
  readonly differs: boolean;
  readonly stacks: readonly StackPlan[];
  readonly security: readonly SecurityChange[];
  readonly touches: readonly Touch[];
  /** What a deployment would be refused for, as far as it was looked for. */
  readonly problems: readonly object[];
}

export const diff = (flags: DiffFlags): Promise<number> =>
  atDestination('diff', flags, async (scene) => {
    const report = await compared(flags, scene);
    if (flags.json) printJson(report);
    else show(report);
    return flags.fail === true && report.differs ? 1 : 0;
  });

async function compared(
  { only }: DiffFlags,
  { workload, baseDirectory, destination, directory, interrupted }: Scene,
): Promise<DiffReport> {
  const assemblyDirectory = await synthesize(baseDirectory, directory, interrupted.signal);
  const found = await survey({
    workload,
    destination,
    assemblyDirectory,
    mayBootstrap: true,
    tell: (text) => void process.stderr.write(`${text}\n`),
    ...(only === undefined ? {} : { only }),
  });
  if (!('plans' in found)) throw new Refusal('a comparison', found.problems);
  const changed = found.plans.filter(hasChanges);
  return {
    differs: changed.length > 0,
    stacks: changed,
    security: securityChanges(changed),
    touches: touchesOf(changed, [workload.primary.region, workload.recovery.region]),
    problems: found.problems,
  };
}

function show({ differs, problems, security, stacks, touches }: DiffReport): void {
  if (!differs) print(['No differences.']);
  else {
    print([
      ...planLines(stacks, { properties: true }),
      ...block(securityLines(security)),
      ...block(touchLines(touches)),
    ]);
  }
  if (problems.length > 0)
    process.stderr.write(
      `${problems.length} ${problems.length === 1 ? 'thing stands' : 'things stand'} in the way of deploying this: \`pilot-light deploy\` lists them.\n`,
    );
}

const block = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', ...lines]);
