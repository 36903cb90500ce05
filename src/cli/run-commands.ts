/** The commands that move a workload, and those about runs: what they take. Their work is imported when it is asked for. */

import type { Command } from 'commander';
import { Option } from 'commander';
import type { AskedFlags } from './asked-clients.ts';
import { withAskedOptions } from './asked-options.ts';

export interface MoveFlags extends AskedFlags {
  readonly why?: string;
  readonly acceptLoss?: boolean;
  readonly yes?: boolean;
  /** False with `--no-follow`. */
  readonly follow: boolean;
  readonly breakGlass?: boolean;
  readonly takeOver?: boolean;
  readonly endpoint?: string;
  readonly sql?: string;
}

export interface OrderFlags extends AskedFlags {
  readonly why?: string;
}

export interface ShowFlags extends AskedFlags {
  readonly follow?: boolean;
}

const moves = {
  failover: 'fail over to the recovery Region: the primary is gone, what it had not yet sent is lost',
  switchover: 'move to the recovery Region while all is well: writes stop for a few minutes, nothing is lost',
  failback: 'bring the workload home to the primary Region: reseed, switch over at zero lag, protect it again',
} as const;

export function addRunCommands(program: Command): void {
  for (const plan of ['failover', 'switchover', 'failback'] as const) {
    const command = withAskedOptions(program.command(plan).description(moves[plan]))
      .option('--why <text>', 'the reason, for the record of the run')
      .option('--yes', "don't ask")
      .option('--no-follow', 'return once the run has been started')
      .option('--break-glass', "in this process, with no state machine: for when Step Functions can't be used")
      .option('--take-over', 'with --break-glass: go on with a run that another execution may still be carrying out')
      .addOption(new Option('--endpoint <url>', 'the AWS endpoint; AWS itself when not given').conflicts('sandbox'))
      .option(
        '--sql <host:port>',
        "with --break-glass: the recovery Region's database by a forwarded port, for when Lambda can't be used",
      );
    if (plan === 'failover') command.option('--accept-loss', 'even if more is lost than the objective allows');
    command
      .addHelpText(
        'after',
        '\nExit codes: 0 the run succeeded, 1 it failed or was aborted, 2 used wrongly or refused: nothing was changed.',
      )
      .action(async (options: MoveFlags) => {
        if (options.breakGlass === true) {
          const { breakGlass } = await import('./break-glass.ts');
          process.exitCode = await breakGlass(plan, options);
          return;
        }
        const { move } = await import('./run/move.ts');
        process.exitCode = await move(plan, options);
      });
  }
  const run = program.command('run').description('runs: what they do, and what is ordered of them');
  withAskedOptions(run.command('list').description('the latest runs')).action(async (options: AskedFlags) => {
    const { listRuns } = await import('./run/show.ts');
    process.exitCode = await listRuns(options);
  });
  withAskedOptions(run.command('show').description('a run step by step; the latest when not given'))
    .argument('[run]', 'the run, or what its id begins with')
    .option('--follow', 'until it ends')
    .action(async (id: string | undefined, options: ShowFlags) => {
      const { showRun } = await import('./run/show.ts');
      process.exitCode = await showRun(id, options);
    });
  for (const [order, { does, step, why }] of Object.entries(orders)) {
    const command = withAskedOptions(run.command(order).description(does)).argument(
      step ? '<run>' : '[run]',
      step
        ? 'the run, or what its id begins with'
        : 'the run, or what its id begins with; the one under way when not given',
    );
    if (step) command.argument('<step>', 'the step, as `run show` names it');
    if (why === 'needed') command.requiredOption('--why <text>', 'the reason, for the record of the run');
    else command.option('--why <text>', 'the reason, for the record of the run');
    command.action(async (...given: unknown[]) => {
      const { order: give } = await import('./run/order.ts');
      const options = given.at(-2) as OrderFlags;
      const [id, ofStep] = given.slice(0, step ? 2 : 1) as (string | undefined)[];
      process.exitCode = await give(order as keyof typeof orders, id, ofStep, options);
    });
  }
}

const orders = {
  pause: { does: 'let a run wait where it is', step: false, why: 'needed' },
  resume: { does: 'let a paused run go on', step: false, why: 'optional' },
  retry: { does: 'try a step again: one that waits for a person, or one that is done', step: true, why: 'optional' },
  skip: { does: 'leave a step out', step: true, why: 'needed' },
  abort: { does: 'end a run that has not committed yet, and take back what it had begun', step: false, why: 'needed' },
  unplanned: {
    does: 'turn a planned move into a failover: the primary Region is not waited for any more',
    step: false,
    why: 'needed',
  },
} as const;
export type OrderName = keyof typeof orders;
