/**
 * What a round does about its decision. Each act is done once, however many rounds decide the same, and begins anew only when it came to
 * nothing. What of it belongs to a run is handed to hooks: whoever runs plans gives them.
 */

import type { Base } from '../../engines/base.ts';
import { invokeLater } from '../../engines/functions/invoke.ts';
import { whoAnswered } from '../../plan/approval.ts';
import type { Decision } from '../../plan/decide.ts';
import type { RampEvent, StepEvent, Trigger } from '../../plan/run.ts';
import type { World } from '../../plan/world.ts';
import { giveOrderOnce } from '../../state/course.ts';
import type { Started, WatchRecord } from '../../state/looks.ts';
import { arnsOf } from '../../workload/names.ts';

/** Begins what can be undone, and undoes it, in an epoch. Both must be safe to repeat. */
export interface Hooks {
  readonly prepare?: (epoch: number) => Promise<void>;
  readonly standDown?: (epoch: number) => Promise<void>;
  /** Opens event sources further that a move has switched on. */
  readonly ramp?: () => Promise<void>;
}

/** Instances take minutes to come up: they are asked for at the first signs, and sent away when those pass. Each is a function's to do, with its own rights. */
export function suspicions({ names, on }: Base): Hooks {
  const compute = (event: Pick<StepEvent, 'undo'>, epoch: number) => {
    const asked: StepEvent = {
      step: 'ScaleOutRecovery',
      plan: 'failover',
      execution: 'watch',
      prepare: { epoch },
      ...event,
    };
    return invokeLater(on('recovery').clients, names.controlFunction('compute'), asked);
  };
  return {
    prepare: (epoch) => compute({}, epoch),
    standDown: (epoch) => compute({ undo: true }, epoch),
    ramp: () =>
      invokeLater(on('recovery').clients, names.controlFunction('sources'), { ramp: true } satisfies RampEvent),
  };
}

type Begun = Pick<WatchRecord, 'prepared' | 'started'>;

/** Answers what has been begun, then. */
export async function actOn(base: Base, hooks: Hooks, decision: Decision, world: World, begun: Begun): Promise<Begun> {
  switch (decision.code) {
    case 'prepare':
      await hooks.prepare?.(world.epoch);
      return { ...begun, prepared: { since: base.clock.now(), finding: decision.finding.code } };
    case 'stand-down':
      if (world.holder !== undefined) {
        await giveOrderOnce(base.store, world.holder.run, 'abort', {
          by: 'watcher',
          why: decision.sentence,
          at: base.clock.now(),
        });
        return begun;
      }
      await hooks.standDown?.(world.epoch);
      return { ...begun, prepared: undefined };
    case 'fail-over':
      return { ...begun, started: await start(base, decision, world, begun.started) };
    default:
      return begun;
  }
}

/** A run takes the lock within seconds: for one that hasn't by then it is asked whether it still runs. */
const patience = 120_000;
/** Times one outage is tried for: what fails that often is for a person. */
const mostAttempts = 3;

async function start(base: Base, decision: Decision, { epoch }: World, before: Started | undefined): Promise<Started> {
  const now = base.clock.now();
  const since = decision.lastGood ?? decision.finding.since;
  const approval = decision.approval?.id;
  const known = before?.epoch === epoch && before.since === since && before.approval === approval ? before : undefined;
  // The same outage in the same epoch is one run, whoever decides it and however often; each approval is for one run of its own.
  const nameOf = (attempt: number) =>
    [`watch-epoch-${epoch}-${Math.floor(since / 1000)}`, approval, attempt === 1 ? undefined : attempt]
      .filter((part) => part !== undefined)
      .join('-');
  if (known !== undefined) {
    if (now - known.at < patience) return known;
    if ((await startExecution(base, nameOf(known.attempts), known.input)) === 'running') return { ...known, at: now };
    if (known.attempts >= mostAttempts) return { ...known, at: now };
  }
  const trigger = triggerOf(decision);
  const attempts = (known?.attempts ?? 0) + 1;
  const input = JSON.stringify({ trigger });
  await startExecution(base, nameOf(attempts), input);
  return { epoch, since, at: now, attempts, input, ...(approval === undefined ? {} : { approval }) };
}

/** What a person has approved is theirs: a run of the watcher's own would be stopped when the primary comes back. */
function triggerOf({ approval, lastGood, sentence }: Decision): Trigger {
  const about = { why: sentence, ...(lastGood === undefined ? {} : { lastGood }) };
  if (approval === undefined) return { by: 'watcher', ...about };
  return {
    by: 'person',
    ...about,
    approval: { id: approval.id, by: whoAnswered(approval), quote: approval.quote.says },
  };
}

/**
 * With the name and the input of an execution that runs, nothing is started and the call succeeds; of one that has ended the name is taken.
 * Source: Step Functions API Reference, StartExecution.
 */
async function startExecution({ on, workload }: Base, name: string, input: string): Promise<'running' | 'ended'> {
  const { ExecutionAlreadyExists, StartExecutionCommand } = await import('@aws-sdk/client-sfn');
  const client = await on('recovery').clients.stepFunctions();
  try {
    await client.send(
      new StartExecutionCommand({ stateMachineArn: arnsOf(workload).machine('failover'), name, input }),
    );
    return 'running';
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return 'ended';
    throw error;
  }
}
