/** Steps that move and verify traffic. */

import { balancerName } from '../engines/traffic/balancer.ts';
import { addressesOf, probe } from '../engines/traffic/probe.ts';
import { notYet } from '../kernel/errors.ts';
import type { Side } from '../workload/config.ts';
import { frontGroup, publicName, schemeOf } from '../workload/config.ts';
import type { Step } from './step.ts';

/** Published at once; upkeep goes on publishing what the authority says. DNS follows in a minute or two, while the database promotes. */
export const flipLatchTo = (side: Side): Step => ({
  act: ({ latch, clock }) => latch.publish(side, clock.now()),
});

/**
 * The public name answers with this side's load balancer, and the service there would take a customer's write. Without a public name,
 * the load balancer is asked by its own: who leads customers there is the workload's owner.
 */
export const verifyService = (side: Side): Step => ({
  async act(context) {
    const { workload, names, on, clock } = context;
    const balancer = await balancerName(on(side).clients, names.loadBalancer);
    if (balancer === undefined) throw notYet(`There is no load balancer in the ${side} Region.`);
    const found = publicName(workload);
    if (found !== undefined) await requireLedTo(found.name, balancer, side);
    const door = found === undefined ? balancer : found.name;
    const url = `${schemeOf(workload)}://${door}${frontGroup(workload).readyPath}`;
    const { status, seen } = await probe(url, 5000, workload.traffic.name);
    if (status !== 200) throw notYet(`The service isn't ready to write: ${seen}.`);
    await context.remember('serving', { side, at: clock.now() });
  },
});

async function requireLedTo(name: string, balancer: string, side: Side): Promise<void> {
  const [answers, expected] = await Promise.all([addressesOf(name), addressesOf(balancer)]);
  if (answers.some((address) => expected.includes(address))) return;
  throw notYet(`${name} answers ${answers.join(', ') || 'nothing'}; the ${side} Region is ${expected.join(', ')}.`);
}
