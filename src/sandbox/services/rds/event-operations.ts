/** DescribeEvents: what happened in the last hour unless asked otherwise, oldest first. Subscriptions aren't served: the event bus is. */

import type { DescribeEventsCommandInput, Event } from '@aws-sdk/client-rds';
import { operation } from '../../contract.ts';
import type { Rds } from './context.ts';
import { invalidCombination, invalidValue } from './errors.ts';
import { eventsKept } from './events.ts';
import { integer, refuseOthers } from './input.ts';
import { page } from './pages.ts';
import { type EventRow, rdsTables } from './rows.ts';

const members = [
  'Duration',
  'EndTime',
  'EventCategories',
  'Marker',
  'MaxRecords',
  'SourceIdentifier',
  'SourceType',
  'StartTime',
];
const ours: readonly string[] = ['db-instance', 'db-snapshot', 'db-parameter-group'];
/** Kinds of sources the sandbox has none of. */
const others: readonly string[] = [
  'db-security-group',
  'db-cluster',
  'db-cluster-snapshot',
  'custom-engine-version',
  'db-proxy',
  'blue-green-deployment',
  'db-shard-group',
  'zero-etl',
];
const minute = 60_000;

export const eventOperations = ({ core }: Rds) => ({
  DescribeEvents: operation((input: DescribeEventsCommandInput, { region }) => {
    refuseOthers('DescribeEvents', input, members);
    const { SourceIdentifier: id, SourceType: type, EventCategories: categories = [] } = input;
    if (id !== undefined && type === undefined) {
      throw invalidCombination('SourceType must be provided when SourceIdentifier is.');
    }
    if (type !== undefined && !ours.includes(type) && !others.includes(type)) {
      throw invalidValue(`Invalid source type: ${type}. Allowed: ${[...ours, ...others].join(', ')}.`);
    }
    const [from, until] = period(input, core.clock.now());
    const wanted = rdsTables(core, region)
      .events.entries()
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, row]) => row)
      .filter(
        (row) =>
          row.at >= from &&
          row.at <= until &&
          (type === undefined || row.sourceType === type) &&
          (id === undefined || row.sourceId === id.toLowerCase()) &&
          (categories.length === 0 || categories.includes(row.category)),
      );
    const { rows, marker } = page(wanted, input);
    return { Events: rows.map(eventShape), ...(marker === undefined ? {} : { Marker: marker }) };
  }),
});

function period(input: DescribeEventsCommandInput, now: number): [number, number] {
  const { StartTime: start, EndTime: end, Duration: minutes } = input;
  if (start !== undefined && end !== undefined && minutes !== undefined) {
    throw invalidCombination('Only two of StartTime, EndTime and Duration can be provided.');
  }
  const lasting = integer('Duration', minutes ?? 60, 1, eventsKept / minute) * minute;
  const from = start?.getTime() ?? (end?.getTime() ?? now) - lasting;
  const until = end?.getTime() ?? (start === undefined || minutes === undefined ? now : from + lasting);
  if (from > until) throw invalidCombination('StartTime must be before EndTime.');
  return [from, until];
}

const eventShape = (row: EventRow): Event => ({
  Date: new Date(row.at),
  EventCategories: [row.category],
  Message: row.message,
  SourceArn: row.sourceArn,
  SourceIdentifier: row.sourceId,
  SourceType: row.sourceType,
});
