import { expect, test } from 'vitest';
import type { StepContext } from '../../src/steps/step.ts';
import { drainBuckets } from '../../src/steps/storage.ts';

const stopped = 1_800_000_000_000;
const at = (seconds: number) => new Date(stopped + 1000 * seconds);

/** A bucket whose objects are all on their way still, as the step sees it. */
async function asked(written: readonly number[]): Promise<void> {
  const Versions = written.map((seconds) => ({ Key: `${seconds}`, VersionId: 'v', LastModified: at(seconds) }));
  const send = async ({ constructor: { name } }: object) =>
    name === 'HeadObjectCommand' ? { ReplicationStatus: 'PENDING' } : { Versions };
  await drainBuckets('primary').act?.({
    workload: { buckets: ['photos'] },
    names: { bucket: () => 'dev-photos' },
    on: () => ({ clients: { s3: async () => ({ send }) } }),
    recall: async (fact: string) => ({ quiesced: { at: stopped - 2000 }, stopped: { at: stopped } })[fact],
    clock: { now: () => stopped + 600_000 },
  } as unknown as StepContext);
}

test('what was written until writes had stopped is waited for', async () => {
  await expect(asked([-1, 3])).rejects.toThrow(/2 objects of photos haven't reached the recovery Region yet/);
});

test('what an application goes on storing after that, with no row to it, holds nothing up', async () => {
  await expect(asked([10, 20, 500])).resolves.toBeUndefined();
});
