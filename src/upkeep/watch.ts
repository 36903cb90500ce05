/**
 * One minute of watching: look, decide, act on the decision, publish the latch. Invoked each minute, looping inside, because rules and
 * schedules tick no faster. Whatever fails in one round is said and the next round goes on: a watcher must not die of what it watches.
 */

import type { Base } from '../engines/base.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { JuryMemory } from '../observe/jury.ts';
import { look } from '../observe/jury.ts';
import type { Decision } from '../plan/decide.ts';
import { decide } from '../plan/decide.ts';
import type { Trigger } from '../plan/run.ts';
import type { Look, World } from '../plan/world.ts';
import type { Authority } from '../state/authority.ts';
import { readAuthority } from '../state/authority.ts';
import { writeCapacity } from '../state/capacity.ts';
import { readLooks, writeLooks } from '../state/looks.ts';
import { arnsOf } from '../workload/names.ts';
import { sampleRate } from './sample-rate.ts';

/** Looks kept: enough for any `agreeing`, and for saying when the primary was last well. */
const kept = 40;

export interface Watcher {
  readonly base: Base;
  readonly memory: JuryMemory;
  readonly say: (line: Record<string, unknown>) => void;
}

/** Watches until `until` (epoch milliseconds). */
export async function watch({ base, memory, say }: Watcher, until: number): Promise<void> {
  const { workload, clock, store } = base;
  let looks: readonly Look[] = await readLooks(store);
  let publishedFor: string | undefined;
  let capturedAt = 0;
  while (clock.now() < until) {
    const startedAt = clock.now();
    try {
      looks = [...looks, await look(base, memory)].slice(-kept);
      const authority = await readAuthority(store);
      const decision = decide(
        worldOf(authority, looks),
        { trigger: workload.policy, agreeing: workload.watch.agreeing },
        clock.now(),
      );
      say({ decision: decision.code, finding: decision.finding.code, sentence: decision.sentence });
      await writeLooks(store, looks);
      if (decision.code === 'fail-over') await start(base, decision);
      // Once a minute, and at once when the active side has changed.
      if (publishedFor !== authority.active) {
        await base.latch.publish(authority.active, clock.now());
        publishedFor = authority.active;
      }
      if (decision.finding.code === 'all-well' && authority.active === 'primary' && clock.now() - capturedAt > 50_000) {
        await captureCapacity(base);
        await sampleRate(base);
        capturedAt = clock.now();
      }
    } catch (error) {
      say({ problem: messageOf(error) });
    }
    const rest = startedAt + 1000 * workload.watch.intervalSeconds - clock.now();
    if (rest > 0 && clock.now() + rest < until) await sleep(clock, rest);
    else if (clock.now() + rest >= until) return;
  }
}

async function captureCapacity({ workload, on, store, clock }: Base): Promise<void> {
  const sizes = await Promise.all(
    Object.keys(workload.compute).map(async (name) => [name, await on('primary').group(name).size()] as const),
  );
  await writeCapacity(store, { groups: Object.fromEntries(sizes), seenAt: clock.now() });
}

function worldOf(authority: Authority, looks: readonly Look[]): World {
  return {
    active: authority.active,
    epoch: authority.epoch,
    holder: authority.holder,
    brake: { on: authority.brake !== undefined, why: authority.brake ?? '' },
    lockedOutUntil: authority.lockedOutUntil,
    looks,
  };
}

/** The execution's name is the incident: the same outage in the same epoch starts one run, however often it is decided. */
async function start({ workload, on, store, clock }: Base, decision: Decision): Promise<void> {
  const { ExecutionAlreadyExists, StartExecutionCommand } = await import('@aws-sdk/client-sfn');
  const { epoch } = await readAuthority(store);
  const client = await on('recovery').clients.stepFunctions();
  const trigger: Trigger = {
    by: 'watcher',
    why: decision.sentence,
    ...(decision.lastGood === undefined ? {} : { lastGood: decision.lastGood }),
  };
  await store.put(`decision#${epoch}`, { ...decision, at: clock.now() });
  try {
    await client.send(
      new StartExecutionCommand({
        stateMachineArn: arnsOf(workload).machine('failover'),
        name: `watch-epoch-${epoch}-${Math.floor((decision.lastGood ?? clock.now()) / 1000)}`,
        input: JSON.stringify({ trigger }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}
