/**
 * How healthy the accelerators' load balancers are: as Elastic Load Balancing finds their targets, asked every ten seconds of AWS time from
 * outside all Regions. What can't be asked isn't healthy. A verdict turns when the looks have said otherwise for so long that the whole
 * takes `global_accelerator_failover`.
 *
 * Source: Global Accelerator Developer Guide, "Health checks": a load balancer is healthy when each of its target groups has a healthy
 * target; the group's own settings are for instances and addresses.
 */

import type { SandboxCore } from '../../contract.ts';
import { outside } from '../../contract.ts';
import { balancerIsServing } from '../elasticloadbalancing/serving.ts';
import { acceleratorTables } from './rows.ts';

/** Milliseconds. */
const interval = 10_000;

export class EndpointHealth {
  readonly #core: SandboxCore;
  /** Only the answer to the newest question counts: one asked of a Region that then went dark may never come. */
  readonly #asked = new Map<string, number>();
  #running = false;

  constructor(core: SandboxCore) {
    this.#core = core;
  }

  /** An endpoint without a verdict yet isn't healthy. */
  isHealthy(id: string): boolean {
    return acceleratorTables(this.#core).health.get(id)?.healthy === true;
  }

  /** Looks at once, and then as long as an accelerator has endpoints. */
  watch(): void {
    if (this.#running) return;
    this.#running = true;
    this.#look();
  }

  #look(): void {
    const endpoints = this.#endpoints();
    const { health } = acceleratorTables(this.#core);
    for (const [id] of health.entries()) if (!endpoints.has(id)) health.delete(id);
    this.#running = endpoints.size > 0;
    if (!this.#running) return;
    for (const [id, region] of endpoints) this.#ask(id, region);
    this.#core.clock.after(interval, () => this.#look());
  }

  /** Those the edge may send to, with their Regions. */
  #endpoints(): Map<string, string> {
    const groups = acceleratorTables(this.#core)
      .served.values()
      .flatMap(({ listeners }) => listeners.flatMap((listener) => listener.groups));
    return new Map(
      groups.flatMap(({ region, endpoints }) => endpoints.map(({ id }): [string, string] => [id, region])),
    );
  }

  #ask(id: string, region: string): void {
    const question = (this.#asked.get(id) ?? 0) + 1;
    this.#asked.set(id, question);
    const { network } = this.#core;
    if (!network.reachable(outside, region) || !network.reachable(region, outside)) {
      this.#observed(id, false);
      return;
    }
    balancerIsServing(
      this.#core,
      region,
      this.#core.as('globalaccelerator'),
      ({ LoadBalancerArn }) => LoadBalancerArn === id,
    ).then(
      (healthy) => {
        if (this.#asked.get(id) === question) this.#observed(id, healthy);
      },
      (error: unknown) => {
        if (this.#asked.get(id) === question) this.#observed(id, false);
        this.#core.log({ service: 'globalaccelerator', text: `the health of ${id} could not be read`, error });
      },
    );
  }

  #observed(id: string, healthy: boolean): void {
    const { health } = acceleratorTables(this.#core);
    const before = health.get(id);
    if (before === undefined) {
      health.put(id, { healthy });
      return;
    }
    if (before.healthy === healthy) {
      if (before.doubtedAt !== undefined) health.put(id, { healthy });
      return;
    }
    const now = this.#core.clock.now();
    const doubtedAt = before.doubtedAt ?? now;
    const patience = this.#core.timing.milliseconds('global_accelerator_failover') - interval;
    if (now - doubtedAt >= patience) health.put(id, { healthy });
    else if (before.doubtedAt === undefined) health.put(id, { ...before, doubtedAt });
  }
}
