/** Fences owed: a Region that couldn't be fenced when the workload left it owes a fence, paid before anything else on its return. */

import type { Side } from '../workload/judged.ts';
import type { ItemStore } from './items.ts';

export interface FenceDebt {
  readonly side: Side;
  /** The epoch in which the workload left this side. */
  readonly epoch: number;
  readonly owedSince: number;
  readonly paidAt?: number;
  /** The parts of the fence that stand, by name. */
  readonly acknowledged: readonly string[];
}

const sortOf = (side: Side) => `debt#fence#${side}`;

export const readDebt = (store: ItemStore, side: Side): Promise<FenceDebt | undefined> =>
  store.get<FenceDebt>(sortOf(side));

export const writeDebt = (store: ItemStore, debt: FenceDebt): Promise<void> => store.put(sortOf(debt.side), debt);

/** A debt nobody has paid yet. */
export const isOwed = (debt: FenceDebt | undefined): debt is FenceDebt =>
  debt !== undefined && debt.paidAt === undefined;

type Owed = Pick<FenceDebt, 'side' | 'epoch'>;
const takenSortOf = ({ side, epoch }: Owed) => `taken#ingress#${side}#${epoch}`;

/**
 * Keeps the ingress a fence is about to revoke, as EC2 described it: written before it goes, and never over what an earlier try has
 * kept, so that no crash and no second fencer can lose what going home must give back.
 */
export const keepIngress = (store: ItemStore, owed: Owed, rules: readonly unknown[]): Promise<boolean> =>
  store.create(takenSortOf(owed), { rules });

export async function keptIngress<Rule>(store: ItemStore, owed: Owed): Promise<readonly Rule[] | undefined> {
  return (await store.get<{ rules: readonly Rule[] }>(takenSortOf(owed)))?.rules;
}
