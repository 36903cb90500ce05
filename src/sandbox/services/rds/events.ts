/**
 * What RDS tells of its doings: kept for fourteen days for DescribeEvents, and sent to the Region's default event bus, best effort. A
 * promotion has no event of its own: only its restart is told of.
 *
 * Source of ids, categories and words: RDS User Guide, "Amazon RDS event categories and event messages"; of the shape on the bus: "Overview
 * of events for Amazon RDS".
 */

import { codeOf, type SandboxCore } from '../../contract.ts';
import { arnOf } from './arns.ts';
import { type EventName, eventCatalogue } from './event-catalogue.ts';
import { type EventRow, rdsTables } from './rows.ts';

export const eventsKept = 14 * 86_400_000;

/** What an event is about: an instance unless said. */
export interface Subject {
  readonly region: string;
  readonly id: string;
  readonly kind?: 'db' | 'snapshot' | 'pg';
}

/** Tells of it and returns at once. `words` take the places of `$1`, `$2`… in the message. */
export function tell(core: SandboxCore, subject: Subject, name: EventName, ...words: readonly string[]): void {
  const { id: eventId, category, says } = eventCatalogue[name];
  const { region, id, kind = 'db' } = subject;
  const row: EventRow = {
    at: core.region(region).clock.now(),
    eventId,
    category,
    message: words.reduce((text, word, index) => text.replace(`$${index + 1}`, word), says),
    sourceType: sourceTypes[kind],
    sourceId: id,
    sourceArn: arnOf(core, region, kind, id),
  };
  keep(core, region, row);
  send(core, region, row);
}

const sourceTypes = { db: 'db-instance', snapshot: 'db-snapshot', pg: 'db-parameter-group' } as const;

function keep(core: SandboxCore, region: string, row: EventRow): void {
  const { events, counters } = rdsTables(core, region);
  const number = counters.put('event', (counters.get('event') ?? 0) + 1);
  events.put(String(number).padStart(12, '0'), row);
}

/** Forgets what is too old to be asked for. */
export function forgetEvents(core: SandboxCore, region: string): void {
  const { events } = rdsTables(core, region);
  const oldest = core.clock.now() - eventsKept;
  for (const [key, { at }] of events.entries()) if (at < oldest) events.delete(key);
}

const onTheBus = {
  'db-instance': { detailType: 'RDS DB Instance Event', sourceType: 'DB_INSTANCE' },
  'db-snapshot': { detailType: 'RDS DB Snapshot Event', sourceType: 'SNAPSHOT' },
  'db-parameter-group': { detailType: 'RDS DB Parameter Group Event', sourceType: 'DB_PARAM' },
} as const;

function send(core: SandboxCore, region: string, row: EventRow): void {
  const { detailType, sourceType } = onTheBus[row.sourceType];
  const entry = {
    Source: 'aws.rds',
    DetailType: detailType,
    Resources: [row.sourceArn],
    Time: new Date(row.at),
    Detail: JSON.stringify({
      EventCategories: [row.category],
      SourceType: sourceType,
      SourceArn: row.sourceArn,
      Date: new Date(row.at).toISOString(),
      Message: row.message,
      SourceIdentifier: row.sourceId,
      EventID: row.eventId,
    }),
  };
  const principal = core.as('rds');
  core
    .invoke({ service: 'events', operation: 'PutEvents', region, input: { Entries: [entry] }, principal })
    .catch((error: unknown) => {
      // A sandbox put together without EventBridge has no bus.
      if (codeOf(error) === 'UnsupportedOperation') return;
      core.log({ service: 'rds', region, text: `the event ${row.eventId} of ${row.sourceId} was lost`, error });
    });
}
