/**
 * The jury: independent observers of the primary Region, asked together so that none waits for another. An observer that can't look
 * says `unknown`, never `failed`: only what was really tried and really failed counts against the primary.
 */

import { promises as dns } from 'node:dns';
import type { Base } from '../engines/base.ts';
import { balancerName } from '../engines/traffic/balancer.ts';
import { probe } from '../engines/traffic/probe.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Look, Sighting } from '../plan/world.ts';
import { customerUrl, frontGroup, schemeOf } from '../workload/judged.ts';

/** What the jury has to keep between looks. */
export interface JuryMemory {
  /** The primary balancer's name, found while the primary could be asked. */
  balancer: string | undefined;
  /** The last received position, and when it last grew. */
  received: string | undefined;
  receivedAt: number | undefined;
}

export async function look(base: Base, memory: JuryMemory): Promise<Look> {
  const { clock } = base;
  const sightings = await Promise.all([
    publicName(base),
    primaryBalancer(base, memory),
    primaryApis(base),
    replicaStream(base, memory),
    route53Verdict(base),
  ]);
  return { at: clock.now(), sightings };
}

async function publicName({ workload, clock }: Base): Promise<Sighting> {
  const sighting = (verdict: Sighting['verdict'], seen: string): Sighting => ({
    observer: 'public-name',
    verdict,
    at: clock.now(),
    seen,
  });
  const root = customerUrl(workload);
  if (root === undefined) return sighting('unknown', 'there is none');
  const { alivePath } = frontGroup(workload);
  const { status, seen } = await probe(`${root}${alivePath}`, timeoutOf(workload));
  return sighting(status === 200 ? 'well' : 'failed', seen);
}

async function primaryBalancer({ workload, names, on, clock }: Base, memory: JuryMemory): Promise<Sighting> {
  const sighting = (verdict: Sighting['verdict'], seen: string): Sighting => ({
    observer: 'primary-balancer',
    verdict,
    at: clock.now(),
    seen,
  });
  if (memory.balancer === undefined) {
    try {
      memory.balancer = await balancerName(on('primary').clients, names.loadBalancer);
    } catch (error) {
      return sighting('unknown', `its name can't be asked for: ${messageOf(error)}`);
    }
  }
  if (memory.balancer === undefined) return sighting('unknown', 'there is no load balancer');
  const { status, seen } = await probe(
    `${schemeOf(workload)}://${memory.balancer}${frontGroup(workload).alivePath}`,
    timeoutOf(workload),
    workload.traffic.name,
  );
  return sighting(status === 200 ? 'well' : 'failed', seen);
}

async function primaryApis({ names, on, clock, workload }: Base): Promise<Sighting> {
  const sighting = (verdict: Sighting['verdict'], seen: string): Sighting => ({
    observer: 'primary-apis',
    verdict,
    at: clock.now(),
    seen,
  });
  const asked = await Promise.allSettled([
    on('primary').parameters.get(names.roleParameter),
    on('primary').group(frontGroup(workload).name).size(),
  ]);
  const failures = asked.filter((result) => result.status === 'rejected');
  const [first] = failures;
  return failures.length < asked.length ? sighting('well', 'answering') : sighting('failed', messageOf(first?.reason));
}

/** A replica goes on applying what it has after its source died: only the growth of what it *receives* says that the source lives. */
async function replicaStream({ on, clock, workload }: Base, memory: JuryMemory): Promise<Sighting> {
  const sighting = (verdict: Sighting['verdict'], seen: string): Sighting => ({
    observer: 'replica-stream',
    verdict,
    at: clock.now(),
    seen,
  });
  try {
    const { replica } = await on('recovery').sql.ask({ ask: 'look' });
    if (replica === undefined) return sighting('unknown', 'the recovery database is no replica');
    const now = clock.now();
    if (replica.received !== memory.received) {
      memory.received = replica.received;
      memory.receivedAt = now;
    }
    // The heartbeat writes each second: silence longer than two looks is silence.
    const silent = now - (memory.receivedAt ?? now);
    const limit = 2000 * workload.watch.intervalSeconds;
    return sighting(
      silent < limit ? 'well' : 'failed',
      `received ${replica.received}, grew ${Math.round(silent / 1000)} s ago`,
    );
  } catch (error) {
    return sighting('unknown', messageOf(error));
  }
}

/** Route 53's checkers look from many places; their verdict is read from DNS, which is a data plane. */
async function route53Verdict({ names, clock }: Base): Promise<Sighting> {
  const sighting = (verdict: Sighting['verdict'], seen: string): Sighting => ({
    observer: 'route53-verdict',
    verdict,
    at: clock.now(),
    seen,
  });
  if (names.verdictName === undefined) return sighting('unknown', 'there is none without a hosted zone');
  try {
    const [text] = await dns.resolveTxt(names.verdictName);
    const said = text?.join('') ?? '';
    return sighting(said === 'well' ? 'well' : said === 'failed' ? 'failed' : 'unknown', said);
  } catch (error) {
    return sighting('unknown', messageOf(error));
  }
}

const timeoutOf = (workload: Base['workload']): number => 1000 * workload.watch.probeTimeoutSeconds;
