/**
 * A scenario's own policy, in place of the config's. No template depends on the policy: the control functions read it from the workload
 * that travels beside their bundle, so it is written there, and all else that is deployed is what the app synthesized.
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployedWorkloadFile } from '../cost/control.ts';
import { usageError } from '../kernel/errors.ts';
import type { Scenario } from '../rehearsal/scenario.ts';
import type { Workload } from '../workload/config.ts';

/** Gives the policy to every copy of the workload in an assembly. @throws a usage error when there is none. */
export function givePolicy(
  assembly: string,
  { environment, name }: Pick<Workload, 'environment' | 'name'>,
  policy: Scenario['given']['policy'],
): void {
  if (policy === undefined) return;
  let given = 0;
  for (const asset of readdirSync(assembly)) {
    const file = join(assembly, asset, deployedWorkloadFile);
    if (!existsSync(file)) continue;
    const deployed = JSON.parse(readFileSync(file, 'utf8')) as Workload;
    if (deployed.name !== name || deployed.environment !== environment) continue;
    writeFileSync(file, JSON.stringify({ ...deployed, policy }));
    given++;
  }
  if (given > 0) return;
  throw usageError("The app's assembly holds no control function of this workload: its policy can't be given.", {
    given: assembly,
    next: 'Synthesize the app that belongs to the config.',
  });
}
