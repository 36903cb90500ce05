/**
 * The health of load balancers behind aliases with EvaluateTargetHealth: asked every ten seconds of AWS time, as Route 53 learns it
 * from Elastic Load Balancing. A balancer is healthy when each of its target groups has a healthy target; in a dark Region it isn't.
 * Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias-common.html
 */

import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SandboxCore } from '../../contract.ts';
import { balancerIsServing } from '../elasticloadbalancing/serving.ts';
import { acceleratorIsHealthy } from '../globalaccelerator/accelerator-health.ts';
import { fullName, route53Tables } from './rows.ts';

const interval = 10_000;

export class TargetHealth {
  readonly #core: SandboxCore;
  readonly #healthy = new Map<string, boolean>();
  /** Only the answer to the newest question counts: one asked of a Region that then went dark may never come. */
  readonly #asked = new Map<string, number>();
  #running = false;

  constructor(core: SandboxCore) {
    this.#core = core;
  }

  isHealthy(dnsName: string): boolean {
    return acceleratorIsHealthy(this.#core, dnsName) ?? this.#healthy.get(dnsName) ?? true;
  }

  /** Looks at once, and then as long as a served alias asks for it. */
  watch(): void {
    if (this.#running) return;
    this.#running = true;
    this.#look();
  }

  #look(): void {
    const targets = this.#targets();
    this.#running = targets.length > 0;
    if (!this.#running) return;
    for (const target of targets) this.#ask(target);
    this.#core.clock.after(interval, () => this.#look());
  }

  #targets(): string[] {
    const { zones, served } = route53Tables(this.#core);
    const evaluated = zones
      .values()
      .flatMap(({ id }) => served(id).values())
      .flatMap(({ AliasTarget }) =>
        AliasTarget?.EvaluateTargetHealth === true ? [fullName(AliasTarget.DNSName).slice(0, -1)] : [],
      );
    return [...new Set(evaluated)].filter((name) => name.endsWith('.elb.amazonaws.com'));
  }

  #ask(dnsName: string): void {
    const region = dnsName.split('.').at(-4) ?? '';
    const question = (this.#asked.get(dnsName) ?? 0) + 1;
    this.#asked.set(dnsName, question);
    if (!this.#core.regions.includes(region) || this.#core.region(region).dark) {
      this.#healthy.set(dnsName, false);
      return;
    }
    this.#isServing(dnsName, region).then(
      (healthy) => {
        if (this.#asked.get(dnsName) === question) this.#healthy.set(dnsName, healthy);
      },
      (error: unknown) => {
        if (this.#asked.get(dnsName) === question) this.#healthy.set(dnsName, false);
        this.#core.log({ service: 'route53', text: `the health of ${dnsName} could not be read`, error });
      },
    );
  }

  #isServing(dnsName: string, region: string): Promise<boolean> {
    const plain = dnsName.replace(/^dualstack\./, '');
    const isMeant = ({ DNSName }: LoadBalancer): boolean => DNSName?.toLowerCase() === plain;
    return balancerIsServing(this.#core, region, this.#core.as('route53'), isMeant);
  }
}
