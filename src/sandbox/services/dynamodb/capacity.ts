/** Consumed capacity, for those who ask: 4 KB a read unit, 1 KB a write unit, half for eventual reads, double in transactions. */

import { unsupported } from './members.ts';

export interface CapacityInput {
  readonly ReturnConsumedCapacity?: string | undefined;
}

export interface Consumed {
  readonly TableName: string;
  readonly CapacityUnits: number;
}

export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);

export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/** The member to spread into an answer. Index by index isn't counted. */
export function consumed(
  operation: string,
  input: CapacityInput,
  table: string,
  units: number,
): { ConsumedCapacity?: Consumed } {
  const asked = input.ReturnConsumedCapacity ?? 'NONE';
  if (asked === 'INDEXES') throw unsupported('ReturnConsumedCapacity INDEXES', operation);
  return asked === 'NONE' ? {} : { ConsumedCapacity: { TableName: table, CapacityUnits: units } };
}
