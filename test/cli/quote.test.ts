// The command as a process of its own, against a state table, metrics and a database's answers on the wire, with the primary Region dark.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DatabaseLook } from '../../src/engines/database/requests.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import type { Quote } from '../../src/ledger/quote.ts';
import { withLook } from '../../src/plan/memory.ts';
import { outside } from '../../src/sandbox/contract.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { createLambdaService } from '../../src/sandbox/services/lambda/operations.ts';
import { createMonitoringService } from '../../src/sandbox/services/monitoring/operations.ts';
import { commit, takeLock } from '../../src/state/authority.ts';
import type { ItemStore } from '../../src/state/items.ts';
import { itemStore } from '../../src/state/items.ts';
import { writeWatch } from '../../src/state/looks.ts';
import { writeRates } from '../../src/state/rates.ts';
import { writeCopiedChange, writeReconciliation } from '../../src/state/syncs.ts';
import { nothingKept } from '../../src/upkeep/watch.ts';
import { fakeSts } from '../sandbox/functions/fake-sts.ts';
import { zip } from '../sandbox/functions/zip.ts';
import type { FakeRunner } from '../sandbox/services/lambda/fake-runner.ts';
import { fakeRunner } from '../sandbox/services/lambda/fake-runner.ts';
import { stateTable } from '../support/state-table.ts';
import type { WiredSandbox } from '../support/wired-sandbox.ts';
import { wiredSandbox } from '../support/wired-sandbox.ts';
import { CommandLine } from './command-line.ts';

const recovery = 'us-west-2';
let wired: WiredSandbox;
let runner: FakeRunner;
let store: ItemStore;
let commands: CommandLine;

beforeAll(async () => {
  runner = fakeRunner();
  wired = await wiredSandbox(
    [fakeSts, createDynamoDbService, createMonitoringService, (core) => createLambdaService(core, runner)],
    { speed: 1 },
  );
  const { sandbox, credentials } = wired;
  await sandbox.board.raise({ kind: 'dark', region: 'us-east-1' });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: sandbox.core.endpoint(outside),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  delete process.env.AWS_PROFILE;
  await sandbox.core.invoke({
    service: 'lambda',
    operation: 'CreateFunction',
    region: recovery,
    principal: sandbox.core.as('test'),
    input: {
      FunctionName: 'dev-dr-sql',
      Code: { ZipFile: zip({ 'index.js': '' }) },
      Runtime: 'nodejs20.x',
      Handler: 'index.sql',
      Role: 'arn:aws:iam::111122223333:role/worker',
    },
  });
  commands = new CommandLine();
}, 60_000);
afterAll(async () => {
  commands[Symbol.dispose]();
  await wired[Symbol.asyncDispose]();
});
beforeEach(() => {
  runner.handler = () => look(2000);
});

const now = () => wired.sandbox.clock.now();

/** What the SQL function answers when the last beat is that old. */
const look = (beatAgo: number): DatabaseLook => ({
  dialect: 'mariadb',
  version: '10.11.6-MariaDB',
  readOnly: true,
  executed: '0-1001-5000',
  now: now(),
  replica: {
    receiving: false,
    applying: true,
    stopped: false,
    received: '0-1001-5000',
    applied: '0-1001-5000',
    drained: true,
    receivedAt: undefined,
    secondsBehind: undefined,
    error: undefined,
    linkError: 'error reconnecting to master',
  },
  heartbeat: { at: now() - beatAgo, epoch: 1, beats: 3000 },
  serviceBeat: undefined,
});

const quote = (...args: string[]) => commands.run('quote', ...args);

test('a workload without state, and one that nobody knows, are refused with what to do', async () => {
  const none = await quote();
  expect(none).toMatchObject({ code: 2, stdout: '' });
  expect(none.stderr).toMatch(
    /There is no state of dev-photos: no table dev-dr-state in us-west-2.*Deploy the workload/,
  );

  await stateTable(wired.clients(recovery), 'dev-dr-state');
  store = itemStore(wired.clients(recovery), 'dev-dr-state', 'dev-photos', wallClock);
  const unknown = await quote();
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toMatch(/Nothing is known of a workload dev-photos.*Check the name and the environment/);
});

test.each([
  [['--profile', 'nobody'], /no such profile/],
  [['--profile', 'a', '--sandbox'], /cannot be used with/],
  [['--sandbox', 'none-of-that-name'], /No sandbox is running/],
  [['--config', 'no-such-file.ts'], /no such config file/],
  [['--nonsense'], /unknown option/],
])('quote %j is used wrongly', async (args, says) => {
  expect(await quote(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(says) });
});

test('it says in seconds, transactions, objects and parameters what would be lost', async () => {
  const minute = 60_000;
  const { record } = nothingKept();
  await writeWatch(store, { ...record, memory: withLook(record.memory, { at: now(), sightings: [] }) });
  const sample = { epoch: 1, serviceBeat: undefined };
  await writeRates(store, [
    { ...sample, beat: now() - 2 * minute, transactions: 1000, beats: 100 },
    { ...sample, beat: now() - minute, transactions: 1180, beats: 160 },
  ]);
  await writeReconciliation(store, {
    startedAt: now() - 5 * minute,
    endedAt: now() - 5 * minute,
    written: 0,
    removed: 0,
  });
  await writeCopiedChange(store, { name: '/dev/photos/title', at: now() - minute });
  await publish({ OperationsPendingReplication: 7, BytesPendingReplication: 4096, ReplicationLatency: 12 });

  const { code, stdout, stderr } = await quote('--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const quoted = JSON.parse(stdout) as Quote & { workload: string };
  expect(quoted).toMatchObject({ workload: 'dev-photos', within: true, epoch: 1, objectiveSeconds: 60 });
  expect(quoted.database.seconds.value).toBeGreaterThanOrEqual(2);
  expect(quoted.database.seconds.value).toBeLessThan(5);
  // At two customers' transactions a second.
  expect(quoted.database.transactions.value).toBe(Math.ceil(2 * (quoted.database.seconds.value ?? 0)));
  expect(quoted.buckets).toMatchObject([
    { bucket: 'photos', operations: { value: 7 }, bytes: { value: 4096 }, behind: { value: 12 } },
  ]);
  expect(quoted.parameters.seconds.value).toBeGreaterThanOrEqual(300);
  expect(quoted.parameters).toMatchObject({ copiedSince: 1, lastCopied: { name: '/dev/photos/title' } });
  expect(quoted.unknown.length).toBeGreaterThan(3);

  const text = await quote();
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(
    /^dev-photos, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, epoch 1\n\nFailing over now would lose at most the last /,
  );
  expect(text.stdout).toMatch(/within the objective of 60 s/);
  expect(text.stdout).toMatch(/Database: nothing can be received: error reconnecting to master/);
  expect(text.stdout).toMatch(/pending +7 +measured/);
  expect(text.stdout).toMatch(/1 change copied since.*\/dev\/photos\/title/);
  expect(text.stdout).toMatch(/What this can't know\n {2}- /);
});

test('beyond the objective it answers 1, and says why', async () => {
  runner.handler = () => look(90_000);
  const { code, stdout } = await quote();
  expect(code).toBe(1);
  expect(stdout).toMatch(/beyond the objective of 60 s:\s+the\s+database would lose about 9\d/);
});

test('a database that does not answer is told by what upkeep last saw of it', async () => {
  runner.handler = () => {
    throw new Error('the database is gone');
  };
  const { stdout } = await quote('--json');
  const { database } = JSON.parse(stdout) as Quote;
  expect(database.replica).toMatch(/does not answer.*the database is gone/);
  expect(database.seconds).toMatchObject({ is: 'upper bound', how: expect.stringMatching(/upkeep saw/) });
  expect(database.seconds.value).toBeGreaterThanOrEqual(60);
});

test('a database that never answers keeps nobody waiting', async () => {
  runner.handler = () => new Promise(() => {});
  const { stdout } = await quote('--json');
  expect((JSON.parse(stdout) as Quote).database.replica).toMatch(/does not answer/);
});

test('with the recovery Region active there is nothing to quote', async () => {
  await takeLock(store, 'r', 'primary');
  await commit(store, { id: 'r', plan: 'failover', version: 1, epoch: 2 }, 'recovery');
  expect(await quote('--json')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/nothing to quote: the recovery Region, us-west-2, is the active one/),
  });
});

async function publish(metrics: Readonly<Record<string, number>>): Promise<void> {
  const { core } = wired.sandbox;
  const bucket = (region: string) => `dev-photos-photos-111122223333-${region}`;
  await core.invoke({
    service: 'monitoring',
    operation: 'PutMetricData',
    region: recovery,
    principal: core.as('s3'),
    input: {
      Namespace: 'AWS/S3',
      MetricData: Object.entries(metrics).map(([MetricName, Value]) => ({
        MetricName,
        Value,
        Timestamp: new Date(now()),
        Dimensions: [
          { Name: 'SourceBucket', Value: bucket('us-east-1') },
          { Name: 'DestinationBucket', Value: bucket(recovery) },
          { Name: 'RuleId', Value: 'to-recovery' },
        ],
      })),
    },
  });
}
