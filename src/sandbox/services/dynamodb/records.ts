/** What DynamoDB keeps in tables: plain JSON, times in milliseconds since the epoch. */

import type { Item } from './values.ts';

export type KeyType = 'S' | 'N' | 'B';

export interface KeySchema {
  readonly partition: string;
  readonly sort?: string;
}

export interface IndexRecord {
  readonly name: string;
  readonly kind: 'global' | 'local';
  readonly keys: KeySchema;
  readonly projection: { readonly type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; readonly attributes: readonly string[] };
  /** When its backfill ends. */
  readonly activeAt: number;
  readonly throughput?: Throughput;
}

export interface Throughput {
  readonly read: number;
  readonly write: number;
}

export interface TableRecord {
  readonly name: string;
  readonly id: string;
  readonly region: string;
  readonly createdAt: number;
  /** What it is going through, and until when; ACTIVE afterwards. */
  readonly change?: { readonly status: 'CREATING' | 'UPDATING' | 'DELETING'; readonly until: number };
  readonly keys: KeySchema;
  readonly types: Readonly<Record<string, KeyType>>;
  readonly indexes: readonly IndexRecord[];
  readonly billing: 'PROVISIONED' | 'PAY_PER_REQUEST';
  readonly throughput?: Throughput;
  readonly tags: Readonly<Record<string, string>>;
  readonly deletionProtection: boolean;
  readonly tableClass?: string;
  readonly encryption?: { readonly key?: string };
  readonly stream?: { readonly view: string; readonly label: string };
  readonly policy?: string;
  readonly timeToLive?: { readonly attribute: string };
  /** Since when point-in-time recovery is on, and for how many days back. */
  readonly recovery?: { readonly since: number; readonly days: number };
  /** The other Regions of a global table, and since when each is active. */
  readonly replicas: readonly Member[];
  /** How a global table's copies agree; each for itself unless said. Fixed for as long as it is global. */
  readonly consistency?: 'STRONG';
  /** The Region that keeps the writes of a strongly consistent table and serves nobody. */
  readonly witness?: Member;
}

export interface Member {
  readonly region: string;
  readonly activeAt: number;
}

/** The other Regions that hold a table's items, the witness among them. */
export const othersOf = ({ replicas, witness }: TableRecord): string[] => [
  ...replicas.map(({ region }) => region),
  ...(witness === undefined ? [] : [witness.region]),
];

/** An item, or the memory of a deleted one, with the write that made it so: the last writer wins between Regions. */
export interface ItemRow {
  readonly item: Item | null;
  readonly at: number;
  readonly by: string;
}

/** A write that another Region hasn't seen. */
export interface OutboxRow {
  readonly table: string;
  readonly key: string;
  readonly to: string;
}
