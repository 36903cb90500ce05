/** Everything in a sandbox that has a log: files of machines, log groups of functions, histories of executions, items of tables. */

import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isoTime } from '../../kernel/clock.ts';
import { usageError } from '../../kernel/errors.ts';
import { outside, type SandboxCore } from '../contract.ts';
import { Store } from '../services/dynamodb/store.ts';
import { lambdaTables } from '../services/lambda/rows.ts';
import { LogsModel } from '../services/logs/model.ts';
import { rdsTables } from '../services/rds/rows.ts';
import { Histories } from '../services/states/history.ts';
import { tablesOf as statesTables } from '../services/states/rows.ts';
import { readEvents } from './log-events.ts';
import type { Source } from './protocol.ts';
import { type Reading, readLines } from './text-file.ts';

/** How much is wanted: the last `lines`, or what came `after` a cursor. */
export interface Wanted {
  readonly lines: number;
  readonly after?: string | undefined;
}

interface Log extends Source {
  read(wanted: Wanted): Reading;
}

export function logSources(core: SandboxCore): Source[] {
  return logsOf(core).map(({ kind, region, name }) => ({ kind, ...(region === undefined ? {} : { region }), name }));
}

/** @throws a usage error when the source has no log. */
export function readLog(core: SandboxCore, { kind, region, name }: Source, wanted: Wanted): Reading {
  const log = logsOf(core).find((known) => known.kind === kind && known.region === region && known.name === name);
  if (log === undefined) {
    throw usageError('It has no log.', {
      given: [kind, name, ...(region === undefined ? [] : [`in ${region}`])].join(' '),
      next: '`pilot-light sandbox logs list` shows what has.',
    });
  }
  return log.read(wanted);
}

function logsOf(core: SandboxCore): Log[] {
  return [
    file({ kind: 'sandbox', name: 'sandbox' }, join(core.directory, 'sandbox.log')),
    ...core.regions.flatMap((region) => [
      ...groups(core, region),
      ...machines(core, region),
      ...executions(core, region),
      ...tables(core, region),
    ]),
    ...machines(core, outside),
  ];
}

/** A function's log is its log group; a group of another name is something else's. */
function groups(core: SandboxCore, region: string): Log[] {
  const model = new LogsModel(core);
  const functions = new Map(
    lambdaTables(core, region)
      .functions.values()
      .map(({ name, logGroup }) => [logGroup, name]),
  );
  return model
    .groups(region)
    .values()
    .map((group) => ({
      ...(functions.has(group.name)
        ? { kind: 'function' as const, name: functions.get(group.name) ?? '' }
        : { kind: 'group' as const, name: group.name }),
      region,
      read: (wanted) =>
        readEvents(
          model.streams(region, group.name).flatMap((stream) => model.kept(region, stream)),
          wanted,
        ),
    }));
}

function machines(core: SandboxCore, place: string): Log[] {
  const folder = join(core.directory, place, 'logs');
  if (!existsSync(folder)) return [];
  const databases = place === outside ? [] : rdsTables(core, place).instances.values();
  return readdirSync(folder).flatMap((entry): Log[] => {
    const machine = basename(entry, '.log');
    const path = join(folder, entry);
    // What a function's process writes is in its log group.
    if (machine.startsWith('fn-')) return [];
    if (place === outside) return [file({ kind: 'program', name: machine }, path)];
    if (machine.startsWith('i-')) return [file({ kind: 'instance', region: place, name: machine }, path)];
    if (machine === 'load-balancers') return [file({ kind: 'balancer', region: place, name: machine }, path)];
    const database = databases.find(({ resourceId }) => machine === resourceId || machine.startsWith(`${resourceId}-`));
    // What is run to make a database, like `<id>-copy`, has a log of its own.
    const name =
      database === undefined
        ? machine
        : machine.replace(`${database.resourceId}-`, `${database.id}/`).replace(database.resourceId, database.id);
    return [file({ kind: 'database', region: place, name }, path)];
  });
}

const file = (source: Source, path: string): Log => ({ ...source, read: (wanted) => readLines(path, wanted) });

/** An execution's history, an event a line. */
function executions(core: SandboxCore, region: string): Log[] {
  const histories = new Histories(core);
  return statesTables(core, region)
    .executions.values()
    .map(({ arn, machineName, name }) => ({
      kind: 'execution',
      region,
      name: `${machineName}:${name}`,
      read: ({ lines, after }) => {
        const events = histories.events(region, arn);
        const from = after === undefined ? Math.max(0, events.length - lines) : Number(after);
        const shown = events.slice(from, from + lines);
        return {
          lines: shown.map(({ id, type, timestamp, previousEventId: _previous, ...details }) =>
            [
              timestamp === undefined ? '' : isoTime(timestamp.getTime()),
              id,
              type,
              ...Object.values(details).map((detail) => JSON.stringify(detail)),
            ].join(' '),
          ),
          cursor: String(from + shown.length),
        };
      },
    }));
}

/** What a table holds: the product's journal and state are items of one. Nothing is followed: items change in place. */
function tables(core: SandboxCore, region: string): Log[] {
  const store = new Store(core);
  return store
    .tables(region)
    .values()
    .map((table) => ({
      kind: 'table',
      region,
      name: table.name,
      read: ({ lines, after }) => ({
        lines:
          after === undefined && lines > 0
            ? store
                .items(table)
                .map((item) => JSON.stringify(item))
                .slice(-lines)
            : [],
        cursor: 'end',
      }),
    }));
}
