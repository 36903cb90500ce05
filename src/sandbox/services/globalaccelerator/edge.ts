/**
 * The edge: static addresses outside of all Regions that take connections and send each on to a load balancer. It goes on while any Region,
 * the control plane's included, is dark.
 *
 *  1. Where a connection goes is decided when it is opened, and doesn't change: one into a Region that went dark hangs.
 *  2. A load balancer sees the client's own address where the endpoint preserves it, else the accelerator's.
 */

import { createHash } from 'node:crypto';
import type { Exposure, Onward, SandboxCore } from '../../contract.ts';
import { outside } from '../../contract.ts';
import { balancingTables } from '../elasticloadbalancing/rows.ts';
import type { EndpointHealth } from './endpoint-health.ts';
import { route } from './routing.ts';
import { type AcceleratorRow, acceleratorTables } from './rows.ts';

/** Seconds. An estimate: what is answered for names that never change. */
const nameTtl = 300;

export interface Edge {
  /** Answers for the accelerator's name. */
  name(row: AcceleratorRow): void;
  /** Brings the open ports in line with what is served. */
  serve(arn: string): void;
  /** An accelerator is gone, with its addresses. */
  remove(row: AcceleratorRow): void;
  close(): Promise<void>;
}

export function edge(core: SandboxCore, health: EndpointHealth): Edge {
  /** By accelerator, address and port. */
  const open = new Map<string, Exposure>();
  let work: Promise<void> = Promise.resolve();

  /** One change after the other. */
  const next = (change: () => Promise<void>): void => {
    work = work.then(change).catch((error: unknown) => {
      core.log({ service: 'globalaccelerator', text: "couldn't open or close a port of an accelerator", error });
    });
  };

  async function bring(arn: string): Promise<void> {
    const wanted = wantedPorts(core, arn);
    for (const [key, exposure] of open) {
      if (!key.startsWith(`${arn} `) || wanted.has(key)) continue;
      open.delete(key);
      await exposure.close();
    }
    for (const [key, { address, port }] of wanted) {
      if (open.has(key)) continue;
      const to = (source: string): Onward | undefined => onward(core, health, { arn, address, port, source });
      open.set(key, await core.network.expose({ place: outside, address, port, to }));
    }
  }

  return {
    name: ({ dnsName, addresses }) =>
      core.network.name(dnsName, ({ type }) => ({ ttl: nameTtl, values: type === 'A' ? addresses : [] })),
    serve: (arn) => next(() => bring(arn)),
    remove({ arn, dnsName, addresses }) {
      core.network.unname(dnsName);
      next(async () => {
        await bring(arn);
        for (const address of addresses) core.network.release(address);
      });
    },
    async close() {
      await work;
      await Promise.all([...open.values()].map((exposure) => exposure.close()));
      open.clear();
    },
  };
}

interface Listening {
  readonly address: string;
  readonly port: number;
}

function wantedPorts(core: SandboxCore, arn: string): Map<string, Listening> {
  const { accelerators, served } = acceleratorTables(core);
  const { addresses = [] } = accelerators.get(arn) ?? {};
  const { enabled = false, listeners = [] } = served.get(arn) ?? {};
  const ports = listeners.flatMap((listener) => listener.ports.flatMap(({ from, to }) => numbers(from, to)));
  if (!enabled) return new Map();
  return new Map(addresses.flatMap((address) => ports.map((port) => [`${arn} ${address}:${port}`, { address, port }])));
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Where a connection to the accelerator goes on to; nowhere while no endpoint group has an endpoint. */
function onward(
  core: SandboxCore,
  health: EndpointHealth,
  { arn, address, port, source }: Listening & { readonly arn: string; readonly source: string },
): Onward | undefined {
  const listener = acceleratorTables(core)
    .served.get(arn)
    ?.listeners.find(({ ports }) => ports.some(({ from, to }) => from <= port && port <= to));
  if (listener === undefined) return undefined;
  const from = core.network.placeOf(source);
  const draws = listener.affinity === 'SOURCE_IP' ? drawsOf(source) : () => core.random.next();
  const chosen = route(listener.groups, {
    // Of the Regions that are as far, the sandbox's first is the closest.
    distance: (region) => core.network.delay(from, region) + core.regions.indexOf(region) / 1000,
    isHealthy: (id) => health.isHealthy(id),
    draw: draws,
  });
  if (chosen === undefined) return undefined;
  const { group, endpoint } = chosen;
  const balancer = balancingTables(core, group.region).balancers.get(endpoint.id);
  if (balancer === undefined) return undefined;
  const asked = group.overrides.find((override) => override.listener === port)?.endpoint ?? port;
  return {
    host: balancer.address,
    port: core.network.boundPort(asked),
    ...(endpoint.keepsClientAddress ? {} : { from: address }),
  };
}

/** The same draws for the same client: it stays with its endpoint as long as that is healthy. */
function drawsOf(source: string): () => number {
  let count = 0;
  return () => createHash('sha256').update(`${source} ${count++}`).digest().readUInt32BE() / 2 ** 32;
}
