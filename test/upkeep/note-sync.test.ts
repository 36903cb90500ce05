/** What the copying of parameters notes for the loss quote, over the wire. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Base, baseContext } from '../../src/engines/base.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { createSsmService } from '../../src/sandbox/services/ssm/service.ts';
import { readParameterSync } from '../../src/state/syncs.ts';
import { copyAndNote, reconcileAndNote } from '../../src/upkeep/note-sync.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { appImage } from '../sandbox/services/ec2/ec2-sandbox.ts';
import { stateTable } from '../support/state-table.ts';
import { type WiredSandbox, wiredSandbox } from '../support/wired-sandbox.ts';

let wired: WiredSandbox;
let base: Base;

beforeAll(async () => {
  wired = await wiredSandbox([createDynamoDbService, createSsmService]);
  const { clock } = wired.sandbox;
  clock.setCeiling(Number.POSITIVE_INFINITY);
  const workload = parseWorkload({
    name: 'photos',
    primary: { region: 'us-east-1' },
    recovery: { region: 'us-west-2' },
    compute: { web: { image: appImage } },
    traffic: { zone: 'photos.example', name: 'www.photos.example' },
  });
  base = baseContext({ workload, clock, ids: systemIds, clientsFor: (region) => wired.clients(region) });
  await stateTable(wired.clients('us-west-2'), base.names.table);
  await set('title', 'Photos');
});
afterAll(() => wired[Symbol.asyncDispose]());

const nameOf = (short: string) => `${base.names.parameterPath}${short}`;
const set = (short: string, value: string) =>
  base.on('primary').parameters.put({ name: nameOf(short), value, type: 'String' });

test('a full comparison is noted by when it began, and only by the active side', async () => {
  expect(await reconcileAndNote(base, 'recovery')).toEqual({ written: 0, removed: 0 });
  expect(await readParameterSync(base.store)).toEqual({ reconciled: undefined, copied: [] });

  const before = base.clock.now();
  expect(await reconcileAndNote(base, 'primary')).toEqual({ written: 1, removed: 0 });
  const { reconciled } = await readParameterSync(base.store);
  expect(reconciled).toMatchObject({ written: 1, removed: 0 });
  expect(reconciled?.startedAt).toBeGreaterThanOrEqual(before);
  expect(reconciled?.startedAt).toBeLessThan(reconciled?.endedAt ?? 0);
});

test('changes copied one by one are noted, the latest twenty of them; what was not copied is not', async () => {
  await copyAndNote(base, 'primary', nameOf('title'));
  expect((await readParameterSync(base.store)).copied).toEqual([]);
  for (let turn = 1; turn <= 22; turn++) {
    await set(`setting-${turn}`, 'x');
    await copyAndNote(base, 'primary', nameOf(`setting-${turn}`));
  }
  const { copied } = await readParameterSync(base.store);
  expect(copied.map(({ name }) => name)).toEqual(
    Array.from({ length: 20 }, (_, index) => nameOf(`setting-${index + 3}`)),
  );
  expect((await base.on('recovery').parameters.get(nameOf('setting-22')))?.Value).toBe('x');
});
