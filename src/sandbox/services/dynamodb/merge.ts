/** Last writer wins: how a write of one Region meets what another has. */

import type { ItemRow, TableRecord } from './records.ts';
import type { Store } from './store.ts';

/** Gives a Region a write, unless it has a later one. */
export function merge(store: Store, table: TableRecord, region: string, key: string, row: ItemRow): void {
  const rows = store.rowsAt(table, region);
  const rival = rows.get(key);
  if (rival === undefined || later(row, rival)) rows.put(key, row);
}

const later = (left: ItemRow, right: ItemRow): boolean =>
  left.at > right.at || (left.at === right.at && left.by > right.by);
