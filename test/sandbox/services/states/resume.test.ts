/**
 * Another life of the sandbox takes running executions up where their history ends. Killed after any write whatsoever, an execution comes
 * to the same end with the same effects, and its history is the one it would have had, but for calls whose answer was lost.
 */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { KeptTables } from '../../../support/kept-tables.ts';
import { inJsonata, inJsonPath } from './resume-definitions.ts';
import { FunctionFailure, newWorld, region, type World } from './world.ts';

const start = Date.UTC(2026, 10, 23, 12);
const input = { factor: 7, items: [2, 5, 3] };

/** What stands outside of the sandbox and outlives it: functions' effects, and whoever answers tokens. */
class Outside {
  readonly effects = new Set<string>();
  readonly #asked = new Map<string, number>();
  readonly #tries = new Map<number, number>();

  live(world: World, tables: KeptTables): void {
    const work = <T>(effect: string, answer: () => T): T | Promise<never> => {
      if (tables.over) return new Promise<never>(() => {});
      this.effects.add(effect);
      return answer();
    };
    world.functions.set('work', async ({ n, at }: { n: number; at: number }) => {
      await new Promise<void>((resolve) => world.sandbox.clock.after(1300 + 170 * at, resolve));
      return work(`work ${n}`, () => {
        const tries = (this.#tries.get(n) ?? 0) + 1;
        this.#tries.set(n, tries);
        if (n === 5 && tries === 1) throw new FunctionFailure('Flaky', 'once');
        return { n, product: n * input.factor };
      });
    });
    world.functions.set('ask', ({ token }: { token: string }) =>
      work('ask', () => this.#asked.set(token, world.sandbox.clock.now())),
    );
    world.functions.set('silent', () => work('silent', () => null));
    world.functions.set('send', (given: unknown) => work(`send ${JSON.stringify(given)}`, () => ({ got: given })));
  }

  /** Heartbeats every two seconds, and an answer after nine. */
  async attend(world: World): Promise<void> {
    for (const [taskToken, since] of this.#asked) {
      const age = world.sandbox.clock.now() - since;
      const presented =
        age >= 9000
          ? world.states('SendTaskSuccess', { taskToken, output: '"yes"' })
          : Math.floor(age / 500) % 4 === 0
            ? world.states('SendTaskHeartbeat', { taskToken })
            : undefined;
      await presented?.catch((error: { code: string }) => {
        if (error.code !== 'TaskTimedOut') throw error;
      });
    }
  }
}

const machine = async (definition: object) => {
  const tables = new KeptTables();
  const world = newWorld({ tables });
  const stateMachineArn = await world.create(definition);
  return { tables, stateMachineArn };
};

/** Runs to the end, being killed after each number of writes in turn, counted from the beginning of each life. */
async function play(prepared: Awaited<ReturnType<typeof machine>>, kills: readonly number[]) {
  const outside = new Outside();
  let executionArn = '';
  let writes = 0;
  const live = async (kept: KeptTables, from: number, seed: number): Promise<{ world: World }> => {
    const tables = kept.survivors();
    const world = newWorld({ tables, start: from, seed });
    const { clock } = world.sandbox;
    let died = from;
    tables.last = kills[seed] ?? Number.POSITIVE_INFINITY;
    tables.onLast = () => {
      died = clock.now();
    };
    outside.live(world, tables);
    const service = world.sandbox.dispatcher.service('states');
    await service?.resume?.();
    // Who started it asks again until it hears that it was started.
    if (tables.open('states', region, 'executions').size === 0) {
      ({ executionArn } = await world.states<{ executionArn: string }>('StartExecution', {
        stateMachineArn: prepared.stateMachineArn,
        name: 'x',
        input: JSON.stringify(input),
      }));
    }
    while (clock.now() < start + 200_000) {
      await clock.advance(500 - ((clock.now() - start) % 500));
      if (tables.over) {
        await service?.close?.();
        return live(tables, died, seed + 1);
      }
      if ((await world.describe(executionArn)).status !== 'RUNNING') break;
      await outside.attend(world);
    }
    writes = tables.writes;
    return { world };
  };
  const { world } = await live(prepared.tables, start, 0);
  const [ran, history] = [await world.describe(executionArn), await world.history(executionArn)];
  return { ran, history, effects: [...outside.effects].sort(), writes };
}

const isLost = (event: HistoryEvent) =>
  (event.taskFailedEventDetails ?? event.lambdaFunctionFailedEventDetails)?.error === 'Lambda.Unknown';

/** What happened in whatever order, without attempts whose answer was lost, and without times. */
function substance(history: readonly HistoryEvent[]): string[] {
  const dropped = new Set<number>();
  for (const event of history.filter(isLost)) {
    let at: HistoryEvent | undefined = event;
    while (at !== undefined && !at.type?.endsWith('StateEntered') && !dropped.has(at.id ?? 0)) {
      dropped.add(at.id ?? 0);
      const before: number | undefined = at.previousEventId;
      if (at.type?.endsWith('Scheduled')) break;
      at = history.find(({ id }) => id === before);
    }
  }
  return history
    .filter(({ id = 0 }) => !dropped.has(id))
    .map(({ id: _id, previousEventId: _previous, timestamp: _time, ...event }) =>
      JSON.stringify(event).replaceAll(/token\\":\\"[^"]*"/g, 'token'),
    )
    .sort();
}

const inWords = (history: readonly HistoryEvent[]) =>
  history.map((event) => JSON.stringify(event).replaceAll(/token\\":\\"[^"]*"/g, 'token'));

describe.each([
  ['JSONata', inJsonata],
  ['JSONPath', inJsonPath],
] as const)('%s', (_, definition) => {
  test('killed after any write, comes to the same end', async () => {
    const prepared = await machine(definition);
    const whole = await play(prepared, []);
    expect(whole.ran.status).toBe('SUCCEEDED');
    expect(whole.history.some(({ type }) => type === 'MapIterationAborted')).toBe(true);
    let exact = 0;
    for (let kill = 1; kill < whole.writes; kill++) {
      const again = await play(prepared, [kill]);
      const where = `killed after write ${kill} of ${whole.writes}`;
      expect({ where, ran: again.ran, effects: again.effects }).toEqual({
        where,
        ran: whole.ran,
        effects: whole.effects,
      });
      expect(again.history.map(({ id }) => id)).toEqual(again.history.map((_event, index) => index + 1));
      expect({ where, events: substance(again.history) }).toEqual({ where, events: substance(whole.history) });
      if (again.history.some(isLost)) continue;
      expect({ where, events: inWords(again.history) }).toEqual({ where, events: inWords(whole.history) });
      exact += 1;
    }
    expect(exact).toBeGreaterThan(whole.writes / 2);
  }, 600_000);
});

test('killed again and again, still comes to the same end', async () => {
  const prepared = await machine(inJsonata);
  const whole = await play(prepared, []);
  for (const every of [7, 11, 16]) {
    const again = await play(prepared, Array<number>(40).fill(every));
    expect({ every, ran: again.ran, effects: again.effects }).toEqual({
      every,
      ran: whole.ran,
      effects: whole.effects,
    });
    expect(substance(again.history)).toEqual(substance(whole.history));
  }
}, 600_000);

describe('in another life', () => {
  const arn = `arn:aws:states:${region}:111122223333:execution:machine:x`;
  const began = async (definition: object, more: (world: World) => void = () => {}) => {
    const tables = new KeptTables();
    const world = newWorld({ tables, start });
    more(world);
    const stateMachineArn = await world.create(definition);
    await world.states('StartExecution', { stateMachineArn, name: 'x' });
    await world.sandbox.clock.advance(10_000);
    await world.sandbox.dispatcher.service('states')?.close?.();
    return tables;
  };
  /** The sandbox was down until `from`. */
  const taken = async (tables: KeptTables, from: number, more: (world: World) => void = () => {}) => {
    const world = newWorld({ tables: tables.survivors(), start: from, seed: 2 });
    more(world);
    await world.sandbox.dispatcher.service('states')?.resume?.();
    return world;
  };
  const asking = {
    QueryLanguage: 'JSONata',
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: 'ask', Payload: '{% $states.context.Task.Token %}' },
        Next: 'Rest',
      },
      Rest: { Type: 'Wait', Seconds: 5, End: true },
    },
  };
  const call = (more: object = {}) => ({
    QueryLanguage: 'JSONata',
    StartAt: 'Call',
    States: {
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: 'work' },
        Output: '{% $states.result.Payload %}',
        End: true,
        ...more,
      },
    },
  });

  test('a wait keeps its deadline; one that passed meanwhile is over', async () => {
    const tables = await began({ StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 60, End: true } } });
    const soon = await taken(tables, start + 30_000);
    await soon.sandbox.clock.advance(29_000);
    expect((await soon.describe(arn)).status).toBe('RUNNING');
    await soon.sandbox.clock.advance(1100);
    expect((await soon.describe(arn)).status).toBe('SUCCEEDED');
    const late = await taken(tables, start + 3_600_000);
    await late.sandbox.clock.advance(100);
    expect((await late.describe(arn)).status).toBe('SUCCEEDED');
  });

  test("the machine's TimeoutSeconds counts from its start", async () => {
    const rest = { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 600, End: true } }, TimeoutSeconds: 60 };
    const world = await taken(await began(rest), start + 30_000);
    await world.sandbox.clock.advance(31_000);
    expect((await world.describe(arn)).status).toBe('TIMED_OUT');
  });

  test('a token given out before ends its task, once', async () => {
    let taskToken = '';
    const tables = await began(asking, ({ functions }) => {
      functions.set('ask', (token: string) => {
        taskToken = token;
      });
    });
    const world = await taken(tables, start + 30_000);
    await world.states('SendTaskSuccess', { taskToken, output: '42' });
    await expect(world.states('SendTaskSuccess', { taskToken, output: '43' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
    await world.sandbox.clock.advance(6000);
    expect((await world.describe(arn)).output).toBe(42);
  });

  test('a call whose answer was lost is not made again, unless Retry says so', async () => {
    const never = ({ functions }: World) => functions.set('work', () => new Promise(() => {}));
    const answers = ({ functions }: World) => functions.set('work', () => 'second');
    const lost = await taken(await began(call(), never), start + 30_000, answers);
    await lost.sandbox.clock.advance(5000);
    expect(await lost.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Lambda.Unknown' });
    expect(lost.calls.filter(({ service }) => service === 'lambda')).toEqual([]);
    const retrying = call({ Retry: [{ ErrorEquals: ['Lambda.Unknown'] }] });
    const again = await taken(await began(retrying, never), start + 30_000, answers);
    await again.sandbox.clock.advance(5000);
    expect((await again.describe(arn)).output).toBe('second');
  });

  test('one execution goes on waiting for another', async () => {
    const tables = new KeptTables();
    const first = newWorld({ tables, start });
    const inner = await first.create(
      { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 60, End: true } } },
      'inner',
    );
    const outer = {
      QueryLanguage: 'JSONata',
      StartAt: 'Run',
      States: {
        Run: {
          Type: 'Task',
          Resource: 'arn:aws:states:::states:startExecution.sync:2',
          Arguments: { StateMachineArn: inner, Input: { a: 1 } },
          Output: '{% $states.result.Output %}',
          End: true,
        },
      },
    };
    await first.states('StartExecution', { stateMachineArn: await first.create(outer), name: 'x' });
    await first.sandbox.clock.advance(10_000);
    await first.sandbox.dispatcher.service('states')?.close?.();
    const world = await taken(tables, start + 30_000);
    await world.sandbox.clock.advance(40_000);
    expect(await world.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: { a: 1 } });
  });

  test('what has ended stays as it ended, and starts are listed in order', async () => {
    const tables = await began({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
    const world = await taken(tables, start + 10_000);
    const stateMachineArn = `arn:aws:states:${region}:111122223333:stateMachine:machine`;
    await world.states('StartExecution', { stateMachineArn, name: 'y' });
    const { executions } = await world.states<{ executions: { name: string; status: string }[] }>('ListExecutions', {
      stateMachineArn,
    });
    expect(executions.map(({ name }) => name)).toEqual(['y', 'x']);
    await expect(world.states('StartExecution', { stateMachineArn, name: 'x' })).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    });
  });
});
