/** How many transactions a position of either dialect stands for. */

import type { DatabaseLook } from '../requests.ts';
import { containsReach, countReach, parseReach } from './mariadb-reach.ts';
import { countMySql, parseMySqlSet, subtractMySql } from './mysql-set.ts';

type DialectName = DatabaseLook['dialect'];

export const transactionsIn = (dialect: DialectName, position: string): number =>
  Number(dialect === 'mysql' ? countMySql(parseMySqlSet(position)) : countReach(parseReach(position)));

/** How many of `received` are not in `applied`. */
export function transactionsBetween(dialect: DialectName, applied: string, received: string): number {
  if (dialect === 'mysql') return Number(countMySql(subtractMySql(parseMySqlSet(received), parseMySqlSet(applied))));
  const [has, wants] = [parseReach(applied), parseReach(received)];
  // One that isn't reached is at least one to apply, whatever the numbers of its domain say.
  if (containsReach(has, wants)) return 0;
  return Math.max(1, Number(countReach(wants) - countReach(has)));
}
