/** The public name, the primary's load balancer, and whether a write would be taken behind it: seen as customers see them. */

import type { Base } from '../engines/base.ts';
import { balancerName } from '../engines/traffic/balancer.ts';
import { customerUrl, frontGroup, schemeOf } from '../workload/judged.ts';
import type { Senses } from './senses.ts';
import type { Word } from './witness.ts';

export async function publicName({ workload }: Base, senses: Senses): Promise<Word> {
  const root = customerUrl(workload);
  if (root === undefined) return ['unknown', 'there is none'];
  const { status, seen } = await senses.get(`${root}${frontGroup(workload).alivePath}`, timeoutOf(workload));
  return [status === 200 ? 'well' : 'failed', seen];
}

/** Found while the primary can be asked, and kept: a dark Region tells nobody its load balancer's name. */
export async function findBalancer({ on, names }: Base, known: string | undefined): Promise<string | undefined> {
  if (known !== undefined) return known;
  try {
    return await balancerName(on('primary').clients, names.loadBalancer);
  } catch {
    // Its observers say `unknown`, and it is asked for again at the next look.
    return undefined;
  }
}

export async function primaryBalancer(base: Base, senses: Senses, balancer: string | undefined): Promise<Word> {
  if (balancer === undefined) return ['unknown', "the load balancer's name isn't known"];
  const { status, seen } = await ask(base, senses, balancer, frontGroup(base.workload).alivePath);
  return [status === 200 ? 'well' : 'failed', seen];
}

/** What doesn't answer at all is the load balancer observer's to say. */
export async function primaryReady(base: Base, senses: Senses, balancer: string | undefined): Promise<Word> {
  if (balancer === undefined) return ['unknown', "the load balancer's name isn't known"];
  const { status, seen } = await ask(base, senses, balancer, frontGroup(base.workload).readyPath);
  return [status === 200 ? 'well' : 'failed', seen];
}

const ask = ({ workload }: Base, senses: Senses, balancer: string, path: string) =>
  senses.get(`${schemeOf(workload)}://${balancer}${path}`, timeoutOf(workload), workload.traffic.name);

const timeoutOf = (workload: Base['workload']): number => 1000 * workload.watch.probeTimeoutSeconds;
