/**
 * The fence of a side: everything that makes its writers unable to write, in the order in which it takes effect soonest. Each part is
 * acknowledged on its own and never repeated, so a fence interrupted anywhere goes on where it stopped.
 */

import type { FenceDebt } from '../state/debts.ts';
import { writeDebt } from '../state/debts.ts';
import type { StepContext } from './step.ts';

export type FenceContext = Pick<StepContext, 'workload' | 'names' | 'store' | 'clock' | 'on'>;

interface Part {
  readonly name: string;
  /** Raises the part; answers what must be given back when the fence is lifted. */
  readonly raise: (context: FenceContext, debt: FenceDebt) => Promise<Partial<FenceDebt['taken']> | undefined>;
}

const parts: readonly Part[] = [
  {
    name: 'role',
    raise: async ({ on, names }, { side }) => {
      await on(side).parameters.put({ name: names.roleParameter, value: 'fenced', type: 'String' });
      return undefined;
    },
  },
  {
    name: 'accounts',
    raise: async ({ on }, { side }) => {
      await on(side).sql.ask({ ask: 'lock' });
      return undefined;
    },
  },
  {
    name: 'event sources',
    raise: async (context, { side }) => {
      await switchSources(context, side, false);
      return undefined;
    },
  },
  {
    name: 'rules',
    raise: async ({ on, names }, { side }) => {
      for (const rule of [names.imageRule, names.parameterRule, names.reconcileRule])
        await on(side).rules.disable(rule);
      return undefined;
    },
  },
  {
    name: 'compute',
    raise: async ({ on }, { side }) => {
      const { max } = await on(side).group.size();
      await on(side).group.resize({ min: 0, desired: 0, max });
      return undefined;
    },
  },
  {
    name: 'ingress',
    raise: async ({ on }, { side, taken }) => {
      const standing = await on(side).ingress.read();
      await on(side).ingress.revoke(standing);
      return { ingress: standing.length === 0 ? (taken.ingress ?? []) : standing };
    },
  },
  {
    name: 'read-only',
    raise: async ({ on }, { side }) => {
      await on(side).databaseGroup.setReadOnly();
      return undefined;
    },
  },
];

/** Raises what is left of the fence and records it. @throws the first error; what was acknowledged before stays so. */
export async function raiseFence(context: FenceContext, debt: FenceDebt): Promise<FenceDebt> {
  let current = debt;
  for (const part of parts) {
    if (current.taken.acknowledged.includes(part.name)) continue;
    const taken = await part.raise(context, current);
    current = {
      ...current,
      taken: { ...current.taken, ...taken, acknowledged: [...current.taken.acknowledged, part.name] },
    };
    await writeDebt(context.store, current);
  }
  if (current.paidAt === undefined) {
    current = { ...current, paidAt: context.clock.now() };
    await writeDebt(context.store, current);
  }
  return current;
}

/** Switches every event source of the workload's functions on one side; answers whether all of them are as asked. */
export async function switchSources(
  { workload, names, on }: FenceContext,
  side: 'primary' | 'recovery',
  wanted: boolean,
): Promise<boolean> {
  const goal = wanted ? 'Enabled' : 'Disabled';
  let settled = true;
  for (const name of Object.keys(workload.functions)) {
    for (const source of await on(side).sources.list(names.workloadFunction(name))) {
      if (source.state === goal) continue;
      settled = false;
      // A mapping in transition refuses updates (ResourceInUseException): it is asked again when it has settled.
      if (source.state === 'Enabled' || source.state === 'Disabled') await on(side).sources.switch(source.id, wanted);
    }
  }
  return settled;
}
