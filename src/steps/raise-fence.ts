/**
 * The fence of a side: everything that makes its writers unable to write. Each part is acknowledged on its own and never repeated, so
 * a fence interrupted anywhere goes on where it stopped; and no part waits for another but for the role, since a database that is
 * still starting must not keep an application running.
 */

import { notYet } from '../kernel/errors.ts';
import type { FenceDebt } from '../state/debts.ts';
import { keepIngress, writeDebt } from '../state/debts.ts';
import { onEachGroup } from './each-group.ts';
import type { StepContext } from './step.ts';
import { switchSources } from './switch-sources.ts';

export type FenceContext = Pick<StepContext, 'workload' | 'names' | 'store' | 'clock' | 'on'>;

interface Part {
  readonly name: string;
  readonly raise: (context: FenceContext, debt: FenceDebt) => Promise<void>;
}

/** First: whatever is deployed or rolled back meanwhile converges on it. */
const role: Part = {
  name: 'role',
  raise: ({ on, names }, { side }) =>
    on(side).parameters.put({ name: names.roleParameter, value: 'fenced', type: 'String' }),
};

const parts: readonly Part[] = [
  {
    name: 'accounts',
    raise: async ({ on }, { side }) => void (await on(side).sql.ask({ ask: 'lock' })),
  },
  {
    name: 'event sources',
    raise: async (context, { side }) => {
      if (!(await switchSources(context, side, false)))
        throw notYet(`The event sources of the ${side} side are being switched off.`);
    },
  },
  {
    name: 'rules',
    raise: async ({ on, names }, { side }) => {
      for (const rule of [names.imageRule, names.parameterRule, names.reconcileRule])
        await on(side).rules.disable(rule);
    },
  },
  {
    name: 'compute',
    raise: async (context, { side }) => {
      await onEachGroup(context, side, async (group) => {
        const { min, desired, max } = await group.size();
        if (min > 0 || desired > 0) await group.resize({ min: 0, desired: 0, max });
      });
    },
  },
  {
    name: 'ingress',
    raise: async ({ on, store }, debt) => {
      const { ingress } = on(debt.side);
      const standing = await ingress.read();
      if (standing.length === 0) return;
      await keepIngress(store, debt, standing);
      await ingress.revoke(standing);
    },
  },
  {
    name: 'read-only',
    raise: async ({ on }, { side }) => {
      const { databaseGroup } = on(side);
      if ((await databaseGroup.readOnly()) !== '1') await databaseGroup.setReadOnly('1');
    },
  },
];

/** Every part of a fence, the role first. */
export const fenceParts: readonly string[] = [role, ...parts].map(({ name }) => name);

/**
 * Raises again what was taken down of a fence that stands: a stack that goes back after a failed update, a drift that is reverted, or a
 * hand at the console opens parts of it. Accounts are left out, since no template knows them.
 */
export async function keepFence(context: FenceContext, debt: FenceDebt): Promise<void> {
  const kept = parts.filter(({ name }) => name !== 'accounts');
  const raised = await Promise.allSettled(kept.map(({ raise }) => raise(context, debt)));
  for (const one of raised) if (one.status === 'rejected') throw one.reason;
}

/** Raises what is left of the fence and records it. @throws the first error once every part was tried; what was acknowledged stays so. */
export async function raiseFence(context: FenceContext, debt: FenceDebt): Promise<FenceDebt> {
  let current = debt;
  let writing: Promise<void> = Promise.resolve();
  // One write after the other: parts end at the same time, and each must find what the others have recorded.
  const record = (change: (now: FenceDebt) => Partial<FenceDebt>): Promise<void> => {
    writing = writing.then(() => {
      current = { ...current, ...change(current) };
      return writeDebt(context.store, current);
    });
    return writing;
  };
  const raise = async ({ name, raise: act }: Part): Promise<void> => {
    if (current.acknowledged.includes(name)) return;
    await act(context, current);
    await record(({ acknowledged }) => ({ acknowledged: [...acknowledged, name] }));
  };
  await raise(role);
  const raised = await Promise.allSettled(parts.map(raise));
  for (const one of raised) if (one.status === 'rejected') throw one.reason;
  if (current.paidAt === undefined) await record(() => ({ paidAt: context.clock.now() }));
  return current;
}
