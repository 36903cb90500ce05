/**
 * The latch that follows an alarm: a metric in the recovery Region, watched by the alarm that the PRIMARY record's health check follows.
 * Publishing it is a data-plane call to the recovery Region; without data the last known verdict stays, so losing the publisher changes
 * nothing.
 */

import type { Clients } from '../../aws/clients.ts';
import type { Side } from '../../workload/judged.ts';
import type { Names } from '../../workload/names.ts';
import { putMetric } from '../alarms/metric.ts';
import { balancerName } from './balancer.ts';
import type { Sight } from './probe.ts';

export const publishActive = (clients: Clients, { latchMetric }: Names, active: Side, at: number): Promise<void> =>
  putMetric(clients, latchMetric, active === 'recovery' ? 1 : 0, at);

/** Customers reach a side once DNS answers the public name with its load balancer. */
export const alarmLatch =
  (name: string, balancerIn: (side: Side) => { clients: Clients; name: string }, sight: Sight) =>
  async (side: Side): Promise<string | undefined> => {
    const balancer = balancerIn(side);
    const found = await balancerName(balancer.clients, balancer.name);
    if (found === undefined) return `There is no load balancer in the ${side} Region.`;
    const [answers, expected] = await Promise.all([sight.addresses(name), sight.addresses(found)]);
    if (answers.some((address) => expected.includes(address))) return undefined;
    return `${name} answers ${answers.join(', ') || 'nothing'}; the ${side} Region is ${expected.join(', ')}.`;
  };
