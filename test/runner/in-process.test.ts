import { describe, expect, test } from 'vitest';
import { notYet, terminalError } from '../../src/kernel/errors.ts';
import { VirtualClock } from '../../src/kernel/virtual-clock.ts';
import type { StepName } from '../../src/plan/catalogue.ts';
import { specOf } from '../../src/plan/catalogue.ts';
import { stepsOf } from '../../src/plan/graph.ts';
import { planOf } from '../../src/plan/plans.ts';
import type { RunReference, StepEvent } from '../../src/plan/run.ts';
import { runInProcess } from '../../src/runner/in-process.ts';

const run: RunReference = { id: 'r', plan: 'failover', version: 1, epoch: 2 };

/** Plays the failover against `ask`, on virtual time, to its end. */
async function play(ask: (event: StepEvent, now: number) => void): Promise<{ asked: StepEvent[]; outcome: unknown }> {
  const clock = new VirtualClock(0);
  const asked: StepEvent[] = [];
  let settled = false;
  const outcome = runInProcess({
    plan: planOf({ steps: {} }, 'failover'),
    execution: 'test',
    input: { from: 'a test' },
    clock,
    ask: async (event) => {
      asked.push(event);
      ask(event, clock.now());
      return { run };
    },
  }).then(
    (value) => value,
    (error: unknown) => error,
  );
  void outcome.then(() => {
    settled = true;
  });
  for (let minute = 0; !settled && minute < 300; minute++) await clock.advance(60_000);
  return { asked, outcome: await outcome };
}

const orderOf = (asked: readonly StepEvent[], step: StepName): number =>
  asked.findIndex((event) => event.step === step);

describe('the break-glass runner', () => {
  test('asks every step of the plan, the opening one with the input and the others with the run', async () => {
    const { asked, outcome } = await play(() => {});
    expect(outcome).toEqual(run);
    expect(asked.map(({ step }) => step).sort()).toEqual([...stepsOf(planOf({ steps: {} }, 'failover').root)].sort());
    expect(asked[0]).toMatchObject({ step: 'OpenRun', input: { from: 'a test' } });
    expect(asked.slice(1).every((event) => event.run?.id === 'r')).toBe(true);
  });

  test('keeps the order of a series, and does not let one branch wait for another', async () => {
    let asks = 0;
    const { asked } = await play((event) => {
      if (event.step === 'ScaleOutRecovery' && asks++ < 3) throw notYet('instances are booting');
    });
    expect(orderOf(asked, 'DrainReplica')).toBeLessThan(orderOf(asked, 'PromoteReplica'));
    expect(orderOf(asked, 'PromoteReplica')).toBeLessThan(orderOf(asked, 'ProveRecoveryWrite'));
    expect(orderOf(asked, 'VerifyRecovery')).toBeGreaterThan(orderOf(asked, 'ScaleOutRecovery'));
  });

  test('asks again what is not true yet, as often as the catalogue says', async () => {
    let asks = 0;
    const times: number[] = [];
    const { outcome } = await play((event, now) => {
      if (event.step !== 'PromoteReplica') return;
      times.push(now);
      if (asks++ < 4) throw notYet('promoting');
    });
    expect(outcome).toEqual(run);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(gaps).toEqual(Array(4).fill(1000 * specOf('PromoteReplica').pollSeconds));
  });

  test('a step that is never true fails the run at its deadline, and the run is closed with why', async () => {
    const { asked, outcome } = await play((event) => {
      if (event.step === 'ProveRecoveryWrite') throw notYet('no writes yet');
    });
    expect(outcome).toMatchObject({ kind: 'not-yet' });
    expect(asked.at(-1)).toMatchObject({
      step: 'CloseRun',
      failure: { error: 'PilotLight.NotYet', cause: expect.stringContaining('no writes yet') },
    });
  });

  test('what is terminal is asked once', async () => {
    const { asked } = await play((event) => {
      if (event.step === 'PromoteReplica') throw terminalError('there is no database');
    });
    expect(asked.filter(({ step }) => step === 'PromoteReplica')).toHaveLength(1);
  });

  test('a broken connection is tried again, but not for ever', async () => {
    let failures = 0;
    const { asked, outcome } = await play((event) => {
      if (event.step === 'FlipLatchToRecovery' && failures++ < 2) throw new Error('socket hang up');
    });
    expect(outcome).toEqual(run);
    expect(asked.filter(({ step }) => step === 'FlipLatchToRecovery')).toHaveLength(3);
  });

  test('a refused opening leaves nothing to close', async () => {
    const { asked, outcome } = await play((event) => {
      if (event.step === 'OpenRun') throw terminalError('the brake is on');
    });
    expect(outcome).toMatchObject({ kind: 'terminal' });
    expect(asked.map(({ step }) => step)).toEqual(['OpenRun']);
  });
});
