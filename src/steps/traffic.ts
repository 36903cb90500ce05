/** Steps that move and verify traffic. */

import { balancerName } from '../engines/traffic/balancer.ts';
import { notYet } from '../kernel/errors.ts';
import type { Side } from '../workload/judged.ts';
import { frontGroup, publicName, schemeOf } from '../workload/judged.ts';
import type { Step, StepContext } from './step.ts';

/** Said at once; upkeep goes on saying what the authority says. Customers follow in seconds to minutes, while the database promotes. */
export const flipLatchTo = (side: Side): Step => ({
  act: ({ latch, clock }) => latch.publish(side, clock.now()),
});

/** Customers reach this side, and the service there would take a write of theirs. */
export const verifyService = (side: Side): Step => ({
  async act(context) {
    const { workload, clock, latch, sight } = context;
    const astray = await latch.astray(side);
    if (astray !== undefined) throw notYet(astray);
    const door = publicName(workload)?.name ?? (await ownName(context, side));
    const url = `${schemeOf(workload)}://${door}${frontGroup(workload).readyPath}`;
    const { status, seen } = await sight.get(url, 5000, workload.traffic.name);
    if (status !== 200) throw notYet(`The service isn't ready to write: ${seen}.`);
    // The first time counts, for whoever takes the run over too.
    if ((await context.recall('serving')) === undefined) await context.remember('serving', { side, at: clock.now() });
  },
});

/** Without a public name the load balancer is asked by its own. */
async function ownName({ on, names }: StepContext, side: Side): Promise<string> {
  const balancer = await balancerName(on(side).clients, names.loadBalancer);
  if (balancer === undefined) throw notYet(`There is no load balancer in the ${side} Region.`);
  return balancer;
}
