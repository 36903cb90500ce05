/** Fences owed: a Region that couldn't be fenced when the workload left it owes a fence, paid before anything else on its return. */

import type { Side } from '../workload/config.ts';
import type { ItemStore } from './items.ts';

export interface FenceDebt {
  readonly side: Side;
  /** The epoch in which the workload left this side. */
  readonly epoch: number;
  readonly owedSince: number;
  readonly paidAt?: number;
  /** What the fence took away and going home must give back. */
  readonly taken: FenceTaken;
}

export interface FenceTaken {
  /** Ingress of the balancer's security group, as EC2 described it. */
  readonly ingress?: readonly unknown[];
  /** The sub-fences acknowledged so far, in their order. */
  readonly acknowledged: readonly string[];
}

const sortOf = (side: Side) => `debt#fence#${side}`;

export const readDebt = (store: ItemStore, side: Side): Promise<FenceDebt | undefined> =>
  store.get<FenceDebt>(sortOf(side));

export const writeDebt = (store: ItemStore, debt: FenceDebt): Promise<void> => store.put(sortOf(debt.side), debt);

/** A debt nobody has paid yet. */
export const isOwed = (debt: FenceDebt | undefined): debt is FenceDebt =>
  debt !== undefined && debt.paidAt === undefined;
