/** Reading log events: one stream in order, or a group through a filter. */

import type {
  FilterLogEventsCommandInput,
  FilterLogEventsCommandOutput,
  GetLogEventsCommandInput,
  GetLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { filterPattern } from './filter-pattern.ts';
import type { LogEvent, LogsModel } from './model.ts';

const mostAtOnce = 10_000;

interface Between {
  readonly startTime?: number | undefined;
  readonly endTime?: number | undefined;
}

/** Tokens count events from the first ever written, so they hold while old events are let go. At either end the same token returns. */
export function getLogEvents(
  model: LogsModel,
  region: string,
  group: string,
  input: GetLogEventsCommandInput,
): Omit<GetLogEventsCommandOutput, '$metadata'> {
  const stream = model.stream(region, group, input.logStreamName ?? '');
  const kept = model.kept(region, stream);
  const first = stream.dropped + stream.events.length - kept.length;
  const events = kept
    .map((event, index) => ({ event, offset: first + index }))
    .filter(({ event }) => within(event, input));
  const limit = Math.min(input.limit ?? mostAtOnce, mostAtOnce);
  const [direction, from] = startOf(input);
  const ahead = events.filter(({ offset }) => (direction === 'f' ? offset >= from : offset < from));
  const chosen = direction === 'f' ? ahead.slice(0, limit) : ahead.slice(-limit);
  const edge = direction === 'f' ? Math.max(from, first) : Math.min(from, first + kept.length);
  return {
    events: chosen.map(({ event }) => ({
      timestamp: event.timestamp,
      ingestionTime: event.ingested,
      message: event.message,
    })),
    nextForwardToken: `f/${(chosen.at(-1)?.offset ?? edge - 1) + 1}`,
    nextBackwardToken: `b/${chosen[0]?.offset ?? edge}`,
  };
}

/** Events of all or some streams of a group that fit the pattern, in order of time. */
export function filterLogEvents(
  model: LogsModel,
  region: string,
  group: string,
  input: FilterLogEventsCommandInput,
): Omit<FilterLogEventsCommandOutput, '$metadata'> {
  const fits = filterPattern(input.filterPattern);
  model.group(region, group);
  const { logStreamNames, logStreamNamePrefix = '' } = input;
  const found = model
    .streams(region, group)
    .filter(({ name }) => logStreamNames?.includes(name) ?? name.startsWith(logStreamNamePrefix))
    .flatMap((stream) => model.kept(region, stream).map((event) => ({ event, stream: stream.name })))
    .filter(({ event }) => within(event, input) && fits(event.message))
    .sort((left, right) => left.event.timestamp - right.event.timestamp);
  const { items, next } = page(found, input.nextToken, input.limit, mostAtOnce);
  return {
    events: items.map(({ event, stream }) => ({
      eventId: event.id,
      logStreamName: stream,
      timestamp: event.timestamp,
      ingestionTime: event.ingested,
      message: event.message,
    })),
    searchedLogStreams: [],
    nextToken: next,
  };
}

const within = ({ timestamp }: LogEvent, { startTime = 0, endTime = Number.POSITIVE_INFINITY }: Between): boolean =>
  timestamp >= startTime && timestamp < endTime;

function startOf({ nextToken, startFromHead }: GetLogEventsCommandInput): readonly ['f' | 'b', number] {
  if (nextToken === undefined) return startFromHead === true ? ['f', 0] : ['b', Number.POSITIVE_INFINITY];
  const [, direction, offset] = /^([fb])\/(\d+)$/.exec(nextToken) ?? [];
  if (direction === undefined) throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  return [direction === 'f' ? 'f' : 'b', Number(offset)];
}
