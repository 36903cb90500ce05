import { expect, test } from 'vitest';
import { errorNames } from '../../src/kernel/errors.ts';
import { customStep } from '../../src/steps/custom.ts';
import type { StepContext } from '../../src/steps/step.ts';

function asked(answer: { Payload?: string; FunctionError?: string }, progress: object = {}) {
  const calls: { side: string; name: string; event: unknown; patience: unknown }[] = [];
  const context = {
    workload: { steps: { warm: { function: 'heater', undo: 'chiller', timeoutSeconds: 20 } } },
    names: { workloadFunction: (name: string) => `dev-photos-${name}` },
    event: { plan: 'failover' },
    run: { id: 'r1', plan: 'failover', version: 1, epoch: 2 },
    course: { orders: {}, stepOrders: {}, steps: progress },
    on: (side: string) => ({
      clients: {
        lambda: async () => ({
          send: async ({ input }: { input: { FunctionName: string; Payload: Buffer } }, options: object) => {
            const event: unknown = JSON.parse(input.Payload.toString());
            calls.push({ side, name: input.FunctionName, event, patience: options });
            return { ...answer, Payload: Buffer.from(answer.Payload ?? 'null') };
          },
        }),
      },
    }),
  } as unknown as StepContext;
  return { calls, context };
}

test('the function is told of the run, on the side that becomes active, within its time', async () => {
  const { calls, context } = asked({});
  await customStep('Custom-warm').act?.(context);
  expect(calls).toEqual([
    {
      side: 'recovery',
      name: 'dev-photos-heater',
      event: { step: 'Custom-warm', plan: 'failover', run: 'r1', epoch: 2, side: 'recovery' },
      patience: { requestTimeout: 20_000 },
    },
  ]);
});

test('what says that it is not done is asked again, what fails fails', async () => {
  const waiting = asked({ Payload: '{"done":false,"says":"3 of 8 shards are warm"}' });
  await expect(customStep('Custom-warm').act?.(waiting.context)).rejects.toMatchObject({
    name: errorNames['not-yet'],
    message: '3 of 8 shards are warm',
  });
  const failing = asked({ FunctionError: 'Unhandled', Payload: '{"errorType":"Cold","errorMessage":"no fuel"}' });
  await expect(customStep('Custom-warm').act?.(failing.context)).rejects.toThrow(
    /dev-photos-heater failed: Cold: no fuel/,
  );
});

test('it is taken back by the function for that, if it was ever begun', async () => {
  const never = asked({});
  await customStep('Custom-warm').undo?.(never.context);
  expect(never.calls).toEqual([]);
  const begun = asked({}, { 'Custom-warm': { step: 'Custom-warm', doneAt: 1 } });
  await customStep('Custom-warm').undo?.(begun.context);
  expect(begun.calls).toMatchObject([{ name: 'dev-photos-chiller', event: { undo: true } }]);
});
