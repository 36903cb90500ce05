/**
 * `pilot-light failover|switchover|failback`: says what it will do and lose, asks, starts the state machine, follows the run. All that can
 * be refused is refused before anything is started.
 */

import { userInfo } from 'node:os';
import type { Base } from '../../engines/base.ts';
import { sleep, wallClock } from '../../kernel/clock.ts';
import { messageOf, terminalError, usageError } from '../../kernel/errors.ts';
import { observeLoss } from '../../ledger/observe-loss.ts';
import { quoteOf } from '../../ledger/quote.ts';
import { forecastOf } from '../../plan/forecast.ts';
import type { PlanName } from '../../plan/graph.ts';
import type { StartInput } from '../../plan/run.ts';
import { failureMessage } from '../../plan/run.ts';
import type { Authority } from '../../state/authority.ts';
import { readAuthority } from '../../state/authority.ts';
import type { StoredRun } from '../../state/runs.ts';
import { readRun } from '../../state/runs.ts';
import { arnsOf } from '../../workload/names.ts';
import { askedBase } from '../asked-clients.ts';
import { agreed } from '../deploy/ask.ts';
import { spanText } from '../plan.ts';
import { quoteText } from '../quote-text.ts';
import type { MoveFlags } from '../run-commands.ts';
import { printJson } from '../text.ts';
import { runsOf } from './find-run.ts';
import { follow } from './show.ts';

const say = (lines: readonly string[]): void => void process.stderr.write(`${lines.join('\n')}\n`);

export async function move(plan: PlanName, flags: MoveFlags): Promise<number> {
  if (flags.takeOver === true || flags.sql !== undefined) {
    throw usageError('--take-over and --sql are for --break-glass.', { next: 'Add --break-glass, or leave them out.' });
  }
  const base = await askedBase(flags);
  const runs = await runsOf(base);
  const authority = await readAuthority(base.store);
  const standing = authority.holder === undefined ? undefined : await readRun(base.store, authority.holder);
  if (standing?.plan === plan && standing.status === 'running') {
    say([`Run ${standing.id} is under way already: starting twice is one run.`]);
    return flags.follow ? follow(base, standing.id, flags.json === true) : 0;
  }
  const goesOn = requireStartable(plan, base, authority, standing, runs);
  if (plan === 'failover' && !goesOn) await quoteFirst(base, flags);
  if (!goesOn) {
    const { takes } = forecastOf(base.workload, plan);
    say([`It takes ${spanText(takes.p50)} by AWS's modelled times: pilot-light plan ${plan} shows it step by step.`]);
  }
  const { primary, recovery } = base.workload;
  const [from, to] = plan === 'failback' ? [recovery, primary] : [primary, recovery];
  const question = goesOn
    ? `Go on with run ${authority.movedBy}, which failed after it had committed?`
    : `Move ${base.names.prefix} from ${from.region} to ${to.region} (${plan})?`;
  if (!(await agreed(question, flags.yes === true, '--yes'))) {
    say(['Nothing was started.']);
    return 1;
  }
  const execution = await start(base, plan, flags);
  say([`Started ${execution}.`]);
  if (!flags.follow) {
    if (flags.json === true) printJson({ plan, execution });
    return 0;
  }
  return follow(base, await opened(base, execution), flags.json === true);
}

/** Answers whether a run that failed after its commit is gone on with. @throws a usage error for what can't be started now. */
function requireStartable(
  plan: PlanName,
  { names, workload }: Base,
  { active, brake, holder, movedBy }: Authority,
  standing: StoredRun | undefined,
  runs: readonly StoredRun[],
): boolean {
  if (brake !== undefined) {
    throw usageError(`The brake is on: ${brake}.`, { next: 'pilot-light brake off releases it.' });
  }
  if (holder !== undefined) {
    throw usageError(`Run ${holder}${standing === undefined ? '' : `, a ${standing.plan},`} holds the lock.`, {
      next: `pilot-light run show ${holder} says what it does; pilot-light run abort ends one that hasn't committed.`,
    });
  }
  const leaves = plan === 'failback' ? 'recovery' : 'primary';
  if (active === leaves) return false;
  if (runs.some(({ id, plan: other, status }) => id === movedBy && other === plan && status === 'failed')) return true;
  throw usageError(`The ${active} Region, ${workload[active].region}, is already the active one of ${names.prefix}.`, {
    next: plan === 'failback' ? 'Nothing has to be done.' : 'pilot-light failback brings the workload home.',
  });
}

async function quoteFirst(base: Base, { acceptLoss }: MoveFlags): Promise<void> {
  const observed = await observeLoss(base);
  const now = 'value' in observed.database ? observed.database.value.now : base.clock.now();
  const quote = quoteOf(observed, now);
  say([...quoteText(base.names.prefix, quote), '']);
  if (quote.within || acceptLoss === true) return;
  throw usageError(`Failing over now may lose more than the objective of ${quote.objectiveSeconds} s.`, {
    given: quote.beyond.join('; '),
    next: 'Nothing was started. Add --accept-loss if that is to be lost.',
  });
}

async function start({ clock, ids, on, workload }: Base, plan: PlanName, flags: MoveFlags): Promise<string> {
  const user = userInfo().username;
  const input: StartInput = {
    trigger: { by: 'person', why: `started by ${user}${flags.why === undefined ? '' : `: ${flags.why}`}` },
    ...(plan === 'failover' ? { acceptLoss: flags.acceptLoss === true } : {}),
  };
  const { StartExecutionCommand } = await import('@aws-sdk/client-sfn');
  const client = await on('recovery').clients.stepFunctions();
  const name = `cli-${user.replaceAll(/[^A-Za-z0-9_-]/g, '-')}-${Math.floor(clock.now() / 1000)}-${ids.hex(4)}`.slice(
    0,
    80,
  );
  try {
    const { executionArn } = await client.send(
      new StartExecutionCommand({
        stateMachineArn: arnsOf(workload).machine(plan),
        name,
        input: JSON.stringify(input),
      }),
    );
    return executionArn ?? name;
  } catch (error) {
    throw terminalError(`The state machine couldn't be started: ${messageOf(error)}`, {
      next: `Nothing has changed. pilot-light ${plan} --break-glass does without it.`,
      cause: error,
    });
  }
}

/** The run an execution has opened, or gone on with. @throws when it was refused. */
async function opened(base: Base, execution: string): Promise<string> {
  const { DescribeExecutionCommand } = await import('@aws-sdk/client-sfn');
  const client = await base.on('recovery').clients.stepFunctions();
  for (;;) {
    const run = (await runsOf(base)).find((one) => one.execution === execution);
    if (run !== undefined) return run.id;
    const { status, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn: execution }));
    if (status !== 'RUNNING') {
      throw terminalError(`The run was refused: ${failureMessage(cause ?? error ?? status ?? '')}`, {
        next: 'Nothing has changed.',
      });
    }
    await sleep(wallClock, 1000);
  }
}
