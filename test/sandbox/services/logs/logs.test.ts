/** CloudWatch Logs: what is written can be read, searched and grows old; memory stays bounded. */

import { beforeEach, expect, test } from 'vitest';
import { filterPattern } from '../../../../src/sandbox/services/logs/filter-pattern.ts';
import { createLogsService } from '../../../../src/sandbox/services/logs/operations.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';

const group = { logGroupName: '/aws/lambda/f' };
let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = testSandbox([createLogsService]);
  await logs('CreateLogGroup', { ...group, tags: { team: 'photos' } });
  await stream('one');
});

const logs = <Output = Record<string, unknown>>(operation: string, input: object): Promise<Output> =>
  sandbox.call<Output>('logs', operation, input);
const stream = (logStreamName: string): Promise<unknown> => logs('CreateLogStream', { ...group, logStreamName });
const put = (logStreamName: string, ...messages: string[]): Promise<unknown> =>
  logs('PutLogEvents', {
    ...group,
    logStreamName,
    logEvents: messages.map((message) => ({ timestamp: sandbox.clock.now(), message })),
  });
interface Read {
  events: { message: string }[];
  nextForwardToken: string;
  nextBackwardToken: string;
  nextToken?: string;
}
const texts = ({ events }: Read): string[] => events.map(({ message }) => message);

test('a stream is read from its head or its end, page by page', async () => {
  await put('one', 'a', 'b', 'c');
  const read = (more: object): Promise<Read> => logs<Read>('GetLogEvents', { ...group, logStreamName: 'one', ...more });
  const first = await read({ startFromHead: true, limit: 2 });
  expect(texts(first)).toEqual(['a', 'b']);
  const second = await read({ nextToken: first.nextForwardToken });
  expect(texts(second)).toEqual(['c']);
  const end = await read({ nextToken: second.nextForwardToken });
  expect(end).toMatchObject({ events: [], nextForwardToken: second.nextForwardToken });
  await put('one', 'd');
  expect(texts(await read({ nextToken: end.nextForwardToken }))).toEqual(['d']);
  const last = await read({ limit: 1 });
  expect(texts(last)).toEqual(['d']);
  expect(texts(await read({ nextToken: last.nextBackwardToken, limit: 2 }))).toEqual(['b', 'c']);
});

test('a group is searched through all its streams, in order of time', async () => {
  await stream('two');
  await put('two', 'ERROR early');
  await sandbox.clock.advance(10);
  await put('one', 'fine', 'ERROR late');
  const search = (more: object): Promise<Read> => logs<Read>('FilterLogEvents', { ...group, ...more });
  expect(texts(await search({ filterPattern: 'ERROR' }))).toEqual(['ERROR early', 'ERROR late']);
  expect(texts(await search({ filterPattern: 'ERROR', logStreamNamePrefix: 'o' }))).toEqual(['ERROR late']);
  expect(texts(await search({ startTime: sandbox.clock.now() }))).toEqual(['fine', 'ERROR late']);
  const paged = await search({ limit: 2 });
  expect(texts(await search({ nextToken: paged.nextToken }))).toEqual(['ERROR late']);
});

test.each([
  ['', 'anything', true],
  ['a b', 'b and a', true],
  ['a b', 'only a', false],
  ['?a ?z', 'has z', true],
  ['?a ?z', 'neither', false],
  ['a -b', 'a and b', false],
  ['"two words"', 'these two words', true],
  ['"two words"', 'two other words', false],
])('the pattern %j on %j: %s', (pattern, message, expected) => {
  expect(filterPattern(pattern)(message)).toBe(expected);
});

test('structured patterns are refused by name', () => {
  expect(() => filterPattern('{ $.level = "error" }')).toThrow('structured filter pattern');
});

test('events grow older than their retention, and the oldest make room', async () => {
  await put('one', 'old');
  await logs('PutRetentionPolicy', { ...group, retentionInDays: 1 });
  await sandbox.clock.advance(2 * 86_400_000);
  await put('one', 'new');
  const read = async (): Promise<string[]> => texts(await logs<Read>('FilterLogEvents', group));
  expect(await read()).toEqual(['new']);
  await put('one', ...Array.from({ length: 2500 }, (_, index) => `line ${index}`));
  const kept = await read();
  expect(kept).toHaveLength(2000);
  expect(kept.at(-1)).toBe('line 2499');
});

test('groups and streams are described, tagged and deleted', async () => {
  const arn = 'arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/f';
  expect(await logs('DescribeLogGroups', { logGroupNamePrefix: '/aws' })).toMatchObject({
    logGroups: [{ arn: `${arn}:*`, logGroupArn: arn }],
  });
  await logs('TagResource', { resourceArn: arn, tags: { env: 'dev' } });
  expect(await logs('ListTagsForResource', { resourceArn: arn })).toEqual({ tags: { team: 'photos', env: 'dev' } });
  await expect(stream('one')).rejects.toMatchObject({ code: 'ResourceAlreadyExistsException' });
  await expect(logs('CreateLogGroup', group)).rejects.toMatchObject({ code: 'ResourceAlreadyExistsException' });
  await logs('DeleteLogGroup', group);
  await expect(stream('two')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  await logs('CreateLogGroup', group);
  expect(await logs('DescribeLogStreams', group)).toMatchObject({ logStreams: [] });
});
