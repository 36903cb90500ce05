/**
 * Keeps the Region's load balancer process and the network in step with the rows: one configuration at a time, the latest wins.
 *
 *  1. A listener is exposed on its balancer's own address at its own port, so the link's delay and a Region's silence hold for it.
 *  2. When the process is lost or the Region comes back, it is started anew with the configuration of that moment; what targets'
 *     health was is forgotten, as on AWS.
 */

import type { Balancers } from '../../balancer/balancer-process.ts';
import type { TargetHealthReport } from '../../balancer/configuration.ts';
import type { Exposure, SandboxCore } from '../../contract.ts';
import { onCertificateChange } from '../acm/certificate-changes.ts';
import { onNetworkChange } from '../ec2/network-changes.ts';
import { lets, letsFromInternet } from '../ec2/refused-packets.ts';
import { configurationOf } from './configuration.ts';
import type { BalancerRow, ListenerRow } from './rows.ts';
import { balancingTables } from './rows.ts';

/** Milliseconds of AWS time after which a process that couldn't be configured is tried again. */
const retryInterval = 10_000;

export interface Balancing {
  /** The rows of a Region changed: its process is told. */
  changed(region: string): void;
  /** Settles when what changed so far is in force. */
  settled(region: string): Promise<void>;
  /** Opens the listeners of an earlier life, behind which nobody answers yet. */
  openAgain(region: string): Promise<void>;
  /** What the process knows of its targets; empty while it isn't running. */
  health(region: string): Promise<readonly TargetHealthReport[]>;
  close(): Promise<void>;
}

export function balancing(core: SandboxCore, balancers: Balancers): Balancing {
  const exposures = new Map<string, Exposure>();
  const loops = new Map<string, { dirty: boolean; running: Promise<void> }>();
  let closed = false;

  function changed(region: string): void {
    if (closed || core.region(region).dark) return;
    const loop = loops.get(region);
    if (loop !== undefined) {
      loop.dirty = true;
      return;
    }
    const entry = { dirty: true, running: Promise.resolve() };
    loops.set(region, entry);
    entry.running = (async () => {
      while (entry.dirty && !closed) {
        entry.dirty = false;
        await apply(region).catch((error: unknown) => {
          if (!closed && !core.region(region).dark) {
            core.log({ service: 'elasticloadbalancing', region, text: "couldn't configure the load balancers", error });
            core.region(region).clock.after(retryInterval, () => changed(region));
          }
        });
      }
      loops.delete(region);
    })();
  }

  async function apply(region: string): Promise<void> {
    const configuration = configurationOf(core, region);
    const listening = new Set(
      configuration.balancers.flatMap((balancer) => balancer.listeners.map((listener) => listener.arn)),
    );
    for (const [arn, exposure] of exposures) {
      if (listening.has(arn) || !arn.includes(`:${region}:`)) continue;
      exposures.delete(arn);
      await exposure.close();
    }
    if (configuration.balancers.length === 0 && exposuresIn(region).length === 0) return;
    const { ports } = await balancers.configure(region, configuration);
    const rows = balancingTables(core, region);
    for (const [arn, port] of Object.entries(ports)) {
      const listener = rows.listeners.get(arn);
      const balancer = rows.balancers.get(listener?.balancerArn ?? '');
      if (listener === undefined || balancer === undefined) continue;
      const open = exposures.get(arn);
      // A listener that moved to another port.
      if (open !== undefined && open.port !== listener.port) await open.close();
      const exposure = open?.port === listener.port ? open : await expose(core, region, balancer, listener);
      exposures.set(arn, exposure);
      exposure.retarget({ host: '127.0.0.1', port });
    }
  }

  const exposuresIn = (region: string): Exposure[] =>
    [...exposures].filter(([arn]) => arn.includes(`:${region}:`)).map(([, exposure]) => exposure);

  balancers.onLost((region) => {
    for (const exposure of exposuresIn(region)) exposure.retarget(undefined);
    changed(region);
  });
  const unsubscribe = onNetworkChange(core, (region) => {
    if (balancingTables(core, region).balancers.size > 0) changed(region);
  });

  const unsubscribeCertificates = onCertificateChange(core, (region) => changed(region));

  return {
    changed,
    settled: async (region) => {
      await loops.get(region)?.running;
    },
    async openAgain(region) {
      const { balancers, listeners } = balancingTables(core, region);
      for (const listener of listeners.values()) {
        const balancer = balancers.get(listener.balancerArn);
        if (balancer?.state !== 'active' || exposures.has(listener.arn)) continue;
        exposures.set(listener.arn, await expose(core, region, balancer, listener));
      }
    },
    // A process that is going away knows nothing any more.
    health: (region) => (core.region(region).dark ? Promise.resolve([]) : balancers.health(region).catch(() => [])),
    async close() {
      closed = true;
      unsubscribe();
      unsubscribeCertificates();
      balancers.close();
      await Promise.all([...exposures.values()].map((exposure) => exposure.close()));
      exposures.clear();
    },
  };
}

function expose(core: SandboxCore, region: string, balancer: BalancerRow, listener: ListenerRow): Promise<Exposure> {
  return core.network.expose({
    place: region,
    address: balancer.address,
    port: listener.port,
    to: undefined,
    admit(fromAddress) {
      // The groups of this moment: they may have been set since.
      const now = balancingTables(core, region).balancers.get(balancer.arn);
      if (now === undefined) return false;
      const asked = { fromAddress, toSecurityGroups: now.groupIds, port: listener.port };
      const toSubnets = now.subnets.map((subnet) => subnet.id);
      const to = `load balancer ${now.path}`;
      return now.scheme === 'internal'
        ? lets(core, region, asked, to)
        : letsFromInternet(core, region, { ...asked, toSubnets }, to);
    },
  });
}
