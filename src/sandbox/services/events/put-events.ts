/** PutEvents: each entry becomes an event on its bus. Only AWS itself may speak as `aws.…`. */

import type { PutEventsCommandInput, PutEventsCommandOutput, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Ask, Call, Operation, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { forwardedEvent } from './forwarding.ts';
import { defaultBus, type EventEnvelope, type EventsModel } from './model.ts';
import { refuseMembers } from './refuse.ts';

type Entry = PutEventsRequestEntry & { [forwardedEvent]?: EventEnvelope };
type Output = Omit<PutEventsCommandOutput, '$metadata'>;

export function putEvents(core: SandboxCore, model: EventsModel): Operation<PutEventsCommandInput, Output> {
  const put = (entry: Entry, call: Call) => {
    const bus = entry.EventBusName?.split('event-bus/').at(-1) ?? defaultBus;
    const refusal = refusalOf(entry, model.buses(call.region).has(bus), call);
    if (refusal !== undefined) return refusal;
    const forwarded = entry[forwardedEvent];
    const event = forwarded ?? {
      ...model.envelope(
        call.region,
        entry.Source ?? '',
        entry.DetailType ?? '',
        entry.Time?.getTime() ?? core.clock.now(),
      ),
      resources: entry.Resources ?? [],
      detail: JSON.parse(entry.Detail ?? '{}') as unknown,
    };
    model.accept(call.region, bus, event, forwarded !== undefined);
    return { EventId: event.id };
  };

  return operation(
    (input, call) => {
      refuseMembers('PutEvents', input, ['EndpointId']);
      checkSize(input.Entries ?? []);
      const Entries = (input.Entries ?? []).map((entry) => put(entry, call));
      return { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries };
    },
    (input, call): Ask[] =>
      (input.Entries ?? []).map(({ EventBusName, Source = '', DetailType = '' }) => ({
        action: 'events:PutEvents',
        resource: model.busArn(call.region, EventBusName?.split('event-bus/').at(-1) ?? defaultBus),
        context: { 'events:source': Source, 'events:detail-type': DetailType },
      })),
  );
}

const mostEntries = 10;
/** Bytes of all entries together. Source: EventBridge User Guide, "Calculating PutEvents event entry size". */
const mostBytes = 262_144;

function checkSize(entries: readonly Entry[]): void {
  const length = (constraint: string): AwsError =>
    invalid(
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${constraint}`,
    );
  if (entries.length === 0) throw length('greater than or equal to 1');
  if (entries.length > mostEntries) throw length(`less than or equal to ${mostEntries}`);
  // https://github.com/awslabs/aws-service-catalog-puppet/issues/563
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > mostBytes) {
    throw invalid('Total size of the entries in the request is over the limit.');
  }
}

/** A time counts for 14 bytes, everything else for what it has. */
const sizeOf = ({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number =>
  [Source, DetailType, Detail, ...Resources].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    Time === undefined ? 0 : 14,
  );

const invalid = (message: string): AwsError => new AwsError('ValidationException', message, { status: 400 });

function refusalOf(
  entry: Entry,
  busExists: boolean,
  call: Call,
): { ErrorCode: string; ErrorMessage: string } | undefined {
  const refuse = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  if (!busExists) return refuse('InvalidArgument', `Event bus ${entry.EventBusName} does not exist.`);
  if (entry[forwardedEvent] !== undefined) return undefined;
  if (!entry.Source)
    return refuse('InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.');
  if (!entry.DetailType) {
    return refuse('InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  }
  if (entry.Source.startsWith('aws.') && call.principal.kind !== 'internal') {
    return refuse('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  return isObject(entry.Detail) ? undefined : refuse('MalformedDetail', 'Detail is malformed.');
}

function isObject(detail: string | undefined): boolean {
  try {
    const parsed: unknown = JSON.parse(detail ?? '');
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
