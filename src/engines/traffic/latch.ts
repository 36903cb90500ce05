/** The latch: what decides which Region customers reach. Kinds behind one interface, told from the config. */

import type { Clients } from '../../aws/clients.ts';
import type { Workload } from '../../workload/config.ts';
import type { Side } from '../../workload/judged.ts';
import { publicName } from '../../workload/judged.ts';
import { namesOf } from '../../workload/names.ts';
import { acceleratorControlPlane, acceleratorLatch } from './accelerator-latch.ts';
import { alarmLatch, publishActive } from './alarm-latch.ts';
import type { Sight } from './probe.ts';

export interface Latch {
  /** Leads customers to a side. Said again, it changes nothing more. */
  publish(active: Side, at: number): Promise<void>;
  /** Why customers don't reach that side yet; undefined once they do. */
  astray(from: Side): Promise<string | undefined>;
}

export function latchOf(workload: Workload, clientsFor: (region: string) => Clients, sight: Sight): Latch {
  const recovery = clientsFor(workload.recovery.region);
  const names = namesOf(workload);
  const found = publicName(workload);
  // Which side is active is published whatever leads customers there: dashboards show it.
  const publish = (active: Side, at: number) => publishActive(recovery, names, active, at);
  // Customers are led by the workload's owner, who is told of the run.
  if (found === undefined) return { publish, astray: async () => undefined };
  if (workload.traffic.latch === 'alarm') {
    const balancerIn = (side: Side) => ({ clients: clientsFor(workload[side].region), name: names.loadBalancer });
    return { publish, astray: alarmLatch(found.name, balancerIn, sight) };
  }
  const dials = acceleratorLatch(clientsFor(acceleratorControlPlane), recovery, names);
  return {
    async publish(active, at) {
      await dials.turnTo(active);
      await publish(active, at);
    },
    astray: (from) => dials.astray(from),
  };
}
