import { expect, test } from 'vitest';
import { seededIds, seededRandom } from '../../../src/kernel/ids.ts';
import { FaultBoard } from '../../../src/sandbox/faults/board.ts';
import type { FaultSpec } from '../../../src/sandbox/faults/specs.ts';

const here = 'us-east-1';
const there = 'us-west-2';

function board(): { board: FaultBoard; acts: string[] } {
  const made = new FaultBoard(seededIds(seededRandom(1)), () => 1000, [here, there]);
  const acts: string[] = [];
  made.act({
    'broken-replica': {
      raise: ({ region }) => {
        if (region === there) throw new Error('no');
        acts.push(`raised beside ${made.standing('broken-replica').length}`);
      },
      lift: () => void acts.push(`lifted beside ${made.standing('broken-replica').length}`),
    },
  });
  return { board: made, acts };
}

test('a fault stands from before its actor acts until it is lifted, and is listed meanwhile', async () => {
  const { board: made, acts } = board();
  const fault = await made.raise({ kind: 'broken-replica', region: here });
  expect(made.list()).toEqual([fault]);
  expect(fault).toMatchObject({ since: 1000, spec: { kind: 'broken-replica', region: here } });
  await made.lift(fault.id);
  expect(await made.lift(fault.id)).toBeUndefined();
  expect(made.list()).toEqual([]);
  expect(acts).toEqual(['raised beside 1', 'lifted beside 0']);
});

test('a fault that could not be raised does not stand', async () => {
  const { board: made } = board();
  await expect(made.raise({ kind: 'broken-replica', region: there })).rejects.toThrow('no');
  expect(made.list()).toEqual([]);
});

test.each<[FaultSpec, string]>([
  [{ kind: 'dark', region: 'eu-west-1' }, '{"region":"eu-west-1"}'],
  [{ kind: 'broken-replica', region: 'outside' }, '{"region":"outside"}'],
  [{ kind: 'partition', from: 'us-east-1', to: 'mars' }, '{"to":"mars"}'],
  [{ kind: 'slow-api', from: 'mars', share: 1, milliseconds: 10 }, '{"from":"mars"}'],
])('a fault about a place that is not there is refused before anything changes: %j', async (spec, given) => {
  const { board: made, acts } = board();
  await expect(made.raise(spec)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining(
      `Given: ${given}. Allowed: ${spec.kind === 'dark' || spec.kind === 'broken-replica' ? '' : 'outside, '}us-east-1, us-west-2.`,
    ),
  });
  expect(made.list()).toEqual([]);
  expect(acts).toEqual([]);
});

test('a place outside of all Regions is one', async () => {
  const { board: made } = board();
  await made.raise({ kind: 'partition', from: 'outside', to: here });
  expect(made.standing('partition')).toHaveLength(1);
});
