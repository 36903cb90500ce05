import { expect, it } from 'vitest';
import { inOrder } from '../../../src/cli/deploy/in-order.ts';

const items = (needs: Record<string, string[]>) => Object.entries(needs).map(([id, after]) => ({ id, after }));

async function run(needs: Record<string, string[]>, concurrency: number, fails: string[] = []) {
  const began: string[] = [];
  let running = 0;
  let most = 0;
  const done = inOrder(
    items(needs),
    ({ after }) => after,
    concurrency,
    async ({ id }) => {
      began.push(id);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (fails.includes(id)) throw new Error(`${id} failed`);
    },
  );
  return { began, done, most: () => most };
}

it('starts each when what it depends on is done, and no more than allowed at a time', async () => {
  const { began, done, most } = await run({ d: ['b', 'c'], b: ['a'], c: ['a'], a: [], e: [] }, 2);
  await done;
  expect(began.indexOf('a')).toBeLessThan(began.indexOf('b'));
  expect(began.at(-1)).toBe('d');
  expect(most()).toBe(2);
});

it('starts nothing new after a failure, and lets what runs end', async () => {
  const { began, done } = await run({ a: [], b: [], c: ['b'], d: ['a'] }, 2, ['a']);
  await expect(done).rejects.toThrow('a failed');
  expect(began).toEqual(['a', 'b']);
});

it('refuses a circle', async () => {
  const { done } = await run({ a: ['b'], b: ['a'] }, 2);
  await expect(done).rejects.toThrow('wait for each other: a, b');
});
