/** `pilot-light plan`: what it takes. Its work is imported when it is asked for. */

import { Argument, type Command } from 'commander';
import type { PlanName } from '../plan/graph.ts';

export interface PlanFlags {
  readonly config?: string;
  readonly json?: boolean;
}

export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description(
      'show a plan as this workload has it: its steps, your own among them, their modelled times, the critical path',
    )
    .addArgument(new Argument('[plan]', 'all of them when not given').choices(['failover', 'switchover', 'failback']))
    .option('--config <file>', 'the workload; the example when not given')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExit codes: 0 it was shown, 2 used wrongly. Nothing is asked of AWS.')
    .action(async (name: PlanName | undefined, options: PlanFlags) => {
      const { plan } = await import('./plan.ts');
      process.exitCode = await plan(name, options);
    });
}
