import { expect, test } from 'vitest';
import { proveWrite } from '../../src/steps/database.ts';
import type { StepContext } from '../../src/steps/step.ts';

test('what is written to a promoted database is read back as it was, also by a clock that knows parts of milliseconds', async () => {
  const remembered = new Map<string, unknown>();
  const context = {
    run: { id: 'r1', epoch: 2 },
    clock: { now: () => 1_800_000_000_000.25 },
    // The column holds whole numbers, as BIGINT does.
    on: () => ({ sql: { ask: async ({ at }: { at: number }) => ({ wrote: Math.trunc(at) === at }) } }),
    recall: async (name: string) => remembered.get(name),
    remember: async (name: string, value: unknown) => void remembered.set(name, value),
  } as unknown as StepContext;
  await proveWrite('recovery').act?.(context);
  expect(remembered.get('writable')).toMatchObject({ side: 'recovery' });
});
