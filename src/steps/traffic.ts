/** Steps that move and verify traffic. */

import { balancerName } from '../engines/traffic/balancer.ts';
import { addressesOf, probe } from '../engines/traffic/probe.ts';
import { notYet } from '../kernel/errors.ts';
import type { Side } from '../workload/config.ts';
import type { Step } from './step.ts';

/** Published at once; upkeep goes on publishing what the authority says. DNS follows in a minute or two, while the database promotes. */
export const flipLatchTo = (side: Side): Step => ({
  act: ({ latch, clock }) => latch.publish(side, clock.now()),
});

/** The public name answers with this side's load balancer, and the service there would take a customer's write. */
export const verifyService = (side: Side): Step => ({
  async act(context) {
    const { workload, names, on, clock } = context;
    const balancer = await balancerName(on(side).clients, names.loadBalancer);
    const [answers, expected] = await Promise.all([
      addressesOf(workload.traffic.name),
      balancer === undefined ? Promise.resolve<string[]>([]) : addressesOf(balancer),
    ]);
    if (!answers.some((address) => expected.includes(address))) {
      throw notYet(
        `${workload.traffic.name} answers ${answers.join(', ') || 'nothing'}; the ${side} Region is ${expected.join(', ')}.`,
      );
    }
    const { status, seen } = await probe(`http://${workload.traffic.name}${workload.compute.readyPath}`, 5000);
    if (status !== 200) throw notYet(`The service isn't ready to write: ${seen}.`);
    await context.remember('serving', { side, at: clock.now() });
  },
});
