/**
 * How far a MariaDB server's history reaches: GTIDs, `domain-server-sequence` by comma. Pure. Source: MariaDB Knowledge Base, "Global
 * Transaction ID".
 *
 * A GTID in such a list stands for itself and all that its server wrote before it in that domain. A *position* names the last of each
 * domain, whoever wrote it; a *binlog state* the last of each server in each domain. Sequences go on rising through a domain whoever
 * writes, but only as long as its servers follow each other: two that wrote at the same time give the same numbers to different
 * transactions, and only the server's id tells them apart. So nothing here is ever concluded from a sequence of another server.
 */

import { usageError } from '../../../kernel/errors.ts';

export interface Gtid {
  readonly domain: number;
  readonly server: number;
  readonly sequence: bigint;
}

/** The last one of each server in each domain, by `domain-server`. */
export type MariaDbReach = ReadonlyMap<string, Gtid>;

const pattern = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/;
const mostId = 2 ** 32 - 1;
const mostSequence = 2n ** 64n - 1n;

/** Of a position or a binlog state. @throws a usage error for anything a server wouldn't print. */
export function parseReach(text: string): MariaDbReach {
  const plain = text.replaceAll(/\s/g, '');
  return plain === '' ? new Map() : latest(plain.split(',').map((part) => gtidIn(part, text)));
}

/** In order of domain and server, like a server prints its binlog state. */
export const printReach = (reach: MariaDbReach): string =>
  [...reach.values()]
    .sort((one, other) => one.domain - other.domain || one.server - other.server)
    .map(printGtid)
    .join(',');

export const unionReach = (one: MariaDbReach, other: MariaDbReach): MariaDbReach =>
  latest([...one.values(), ...other.values()]);

/** The GTIDs of `from` that `taken` doesn't reach. */
export function subtractReach(from: MariaDbReach, taken: MariaDbReach): MariaDbReach {
  return new Map([...from].filter(([source, { sequence }]) => sequence > (taken.get(source)?.sequence ?? -1n)));
}

/** Whether every GTID of `part` is reached by its own server's. */
export const containsReach = (reach: MariaDbReach, part: MariaDbReach): boolean =>
  subtractReach(part, reach).size === 0;

/**
 * Transactions up to a position: the sum of its domains' sequences, for they have no gaps where servers followed each other. Of a
 * history in which they didn't, it is as many as the longest line of it.
 */
export function countReach(reach: MariaDbReach): bigint {
  return [...byDomain(reach).values()].reduce((sum, { sequence }) => sum + sequence, 0n);
}

/** The one of each domain with the highest sequence: a position out of whatever is known. */
export const lastOfEachDomain = (reach: MariaDbReach): MariaDbReach => latest([...byDomain(reach).values()]);

function byDomain(reach: MariaDbReach): Map<number, Gtid> {
  const domains = new Map<number, Gtid>();
  for (const gtid of reach.values()) {
    if (gtid.sequence > (domains.get(gtid.domain)?.sequence ?? -1n)) domains.set(gtid.domain, gtid);
  }
  return domains;
}

function latest(gtids: readonly Gtid[]): MariaDbReach {
  const last = new Map<string, Gtid>();
  for (const gtid of gtids) {
    const source = `${gtid.domain}-${gtid.server}`;
    if (gtid.sequence > (last.get(source)?.sequence ?? -1n)) last.set(source, gtid);
  }
  return last;
}

const printGtid = ({ domain, server, sequence }: Gtid): string => `${domain}-${server}-${sequence}`;

function gtidIn(part: string, text: string): Gtid {
  const [, domain, server, sequence] = pattern.exec(part) ?? [];
  const gtid = { domain: Number(domain), server: Number(server), sequence: BigInt(sequence ?? -1) };
  if (sequence === undefined || gtid.domain > mostId || gtid.server > mostId || gtid.sequence > mostSequence) {
    throw usageError(`A GTID list of MariaDB can't be read: "${part}" is no GTID.`, {
      given: text.length > 200 ? `${text.slice(0, 200)}…` : text,
      allowed: 'like 0-1001-42, several by comma',
    });
  }
  return gtid;
}
