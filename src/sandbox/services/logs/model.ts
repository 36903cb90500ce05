/**
 * Log groups, streams and their events. Memory is bounded: a stream keeps its newest events and a group its newest streams, so a
 * rehearsal that logs for hours doesn't grow without end.
 */

import type { SandboxCore, Table } from '../../contract.ts';
import { AwsError } from '../../contract.ts';

const mostEvents = 2000;
/** How many more there may be before the oldest go: what moves a whole stream along is written down whole. */
const lot = 500;
const mostStreams = 200;
const day = 86_400_000;

export interface LogGroup {
  readonly name: string;
  readonly created: number;
  readonly retentionInDays?: number | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogEvent {
  readonly id: string;
  readonly timestamp: number;
  readonly ingested: number;
  readonly message: string;
}

export interface LogStream {
  readonly group: string;
  readonly name: string;
  readonly created: number;
  /** How many events were let go at the front: offsets in tokens count from the first event ever written. */
  readonly dropped: number;
  /** In order of time. */
  readonly events: readonly LogEvent[];
}

export class LogsModel {
  readonly #core: SandboxCore;

  constructor(core: SandboxCore) {
    this.#core = core;
  }

  groups(region: string): Table<LogGroup> {
    return this.#core.table('logs', region, 'groups');
  }

  group(region: string, name: string): LogGroup {
    const group = this.groups(region).get(name);
    if (group === undefined) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  groupArn(region: string, name: string): string {
    return `arn:aws:logs:${region}:${this.#core.account}:log-group:${name}`;
  }

  createGroup(region: string, group: Omit<LogGroup, 'created'>): void {
    if (this.groups(region).has(group.name)) {
      throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    this.groups(region).put(group.name, { ...group, created: this.#now() });
  }

  deleteGroup(region: string, name: string): void {
    this.group(region, name);
    for (const stream of this.streams(region, name)) this.#streams(region, name).delete(stream.name);
    this.groups(region).delete(name);
  }

  /** The streams of a group, oldest first. */
  streams(region: string, group: string): LogStream[] {
    return this.#streams(region, group).values();
  }

  stream(region: string, group: string, name: string): LogStream {
    this.group(region, group);
    const stream = this.#streams(region, group).get(name);
    if (stream === undefined)
      throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
    return stream;
  }

  createStream(region: string, group: string, name: string): void {
    this.group(region, group);
    const streams = this.#streams(region, group);
    if (streams.has(name)) {
      throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
    }
    streams.put(name, { group, name, created: this.#now(), dropped: 0, events: [] });
    const oldest = streams.size > mostStreams ? streams.values()[0] : undefined;
    if (oldest !== undefined) streams.delete(oldest.name);
  }

  deleteStream(region: string, group: string, name: string): void {
    this.stream(region, group, name);
    this.#streams(region, group).delete(name);
  }

  append(region: string, group: string, name: string, events: readonly { timestamp: number; message: string }[]): void {
    const stream = this.stream(region, group, name);
    const ingested = this.#now();
    const added = events.map(({ timestamp, message }) => ({
      id: this.#core.ids.hex(56),
      timestamp,
      ingested,
      message,
    }));
    const all = [...stream.events, ...added].sort((left, right) => left.timestamp - right.timestamp);
    const excess = all.length > mostEvents + lot ? all.length - mostEvents : 0;
    this.#streams(region, group).put(name, { ...stream, events: all.slice(excess), dropped: stream.dropped + excess });
  }

  /** Events of a stream that the group's retention still keeps. */
  kept(region: string, stream: LogStream): readonly LogEvent[] {
    const { retentionInDays } = this.group(region, stream.group);
    if (retentionInDays === undefined) return stream.events;
    const oldest = this.#now() - retentionInDays * day;
    return stream.events.filter(({ timestamp }) => timestamp >= oldest);
  }

  /** Whole milliseconds: the API's times are integers. */
  #now(): number {
    return Math.floor(this.#core.clock.now());
  }

  #streams(region: string, group: string): Table<LogStream> {
    return this.#core.table('logs', region, `streams/${group}`);
  }
}
