/** `pilot-light sandbox status`: what a sandbox is and holds right now. */

import type { ClockAnswer, FaultAnswer, RegionStatus, Status } from '../sandbox/control/protocol.ts';
import { chosenSandbox, type SandboxChoice } from './sandbox-choice.ts';
import { columns, print, printJson, shortTime, wrapped } from './text.ts';

export async function sandboxStatus({ json, ...choice }: SandboxChoice & { readonly json?: boolean }): Promise<number> {
  const sandbox = await chosenSandbox(choice);
  const status = await sandbox.ask<'status'>({ ask: 'status' });
  if (json) printJson(status);
  else print(textOf(status, sandbox.keptAt));
  return 0;
}

/** `keptAt` when it is gone, and this is all that is left of it. */
function textOf(status: Status, keptAt: string | undefined): string[] {
  const { id, pid, purpose, stage, since, directory, state, envFile, endpoint, clock, regions, faults } = status;
  return [
    keptAt === undefined ? `Sandbox ${id}` : `Sandbox ${id} as it was at ${shortTime(keptAt)} UTC, before it ended`,
    ...columns(
      [
        ['started by', purpose],
        ['stage', stage],
        ['since', `${shortTime(since)} UTC, pid ${pid}`],
        ['AWS time', clockText(clock)],
        ['endpoint', endpoint],
        ...(keptAt === undefined ? [['directory', directory]] : []),
        ...(state === undefined ? [] : [['state', state]]),
        ...(envFile === undefined ? [] : [['env file', envFile]]),
      ],
      '  ',
    ),
    ...regions.flatMap((region) => regionText(region, stage === 'looking')),
    ...(faults.length === 0 ? ['No faults stand.'] : ['Faults', ...faultRows(faults).map((row) => `  ${row}`)]),
  ];
}

export function clockText({ awsTime, ceiling, actual }: ClockAnswer): string {
  const limit = ceiling === 'max' ? 'skipping waits' : `at most ${ceiling}`;
  return `${shortTime(awsTime)} UTC, ${actual} AWS s per real s (${limit})`;
}

export const faultRows = (faults: readonly FaultAnswer[]): string[] =>
  columns(
    faults.map(({ id, kind, parameters, since }) => [
      id,
      kind,
      Object.entries(parameters)
        .map(([name, value]) => `${name}=${String(value)}`)
        .join(' '),
      `since ${shortTime(since).slice(11)} AWS time`,
    ]),
  );

function regionText(
  { region, state, stacks, databases, instances, functions }: RegionStatus,
  isLookedAt: boolean,
): string[] {
  const rows = [
    ...databases.map(({ name, state: now, role, replication, address }) => [
      'database',
      name,
      `${now}, ${role}${replication === undefined ? '' : ` (${replication})`}${isLookedAt ? `, at ${address}` : ''}`,
    ]),
    ...instances.map(({ name, state: now, image, type, group }) => [
      'instance',
      name,
      [now, image, ...(type === undefined ? [] : [type]), ...(group === undefined ? [] : [`of ${group}`])].join(', '),
    ]),
  ];
  return [
    `${region}: ${state}`,
    ...byState('stacks', stacks),
    ...columns(rows, '  '),
    ...byState('functions', functions),
  ];
}

/** Most are in the same state, and only the others are worth a look of their own. */
function byState(heading: string, parts: RegionStatus['stacks']): string[] {
  const states = [...new Set(parts.map(({ state }) => state))];
  return states.flatMap((state) => {
    const names = parts.filter((part) => part.state === state).map(({ name }) => name);
    return wrapped(`  ${heading} ${state}: `, names);
  });
}
