/**
 * The jury: independent observers of the primary Region, and of whether the recovery Region could take over, asked together so that none
 * waits for another. An observer that can't look says `unknown`, never `failed`: only what was really tried and really failed counts.
 */

import type { Base } from '../engines/base.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Look, Observer, Sighting } from '../plan/world.ts';
import type { JuryMemory } from '../state/looks.ts';
import { frontGroup } from '../workload/judged.ts';
import { alarmsIn, alarmVote } from './alarms.ts';
import { findBalancer, primaryBalancer, primaryReady, publicName } from './front-door.ts';
import { recoveryApis, recoveryCapacity, replicaStatus } from './recovery-side.ts';
import { askReplica, replicaWords } from './replica.ts';
import type { Senses } from './senses.ts';
import type { Word } from './witness.ts';
import { witness } from './witness.ts';

export const blankJury: JuryMemory = {
  balancer: undefined,
  received: undefined,
  receivedAt: undefined,
  unreceivedSeconds: 0,
  seldom: [],
};

export async function look(
  base: Base,
  memory: JuryMemory,
  senses: Senses,
): Promise<{ readonly look: Look; readonly memory: JuryMemory }> {
  const { clock } = base;
  const balancer = findBalancer(base, memory.balancer);
  const seldom = memory.seldom.filter((sighting) => stillHolds(sighting, clock.now()));
  const kept = (observer: Observer, tries: () => Promise<Word>) =>
    seldom.find((sighting) => sighting.observer === observer) ?? witness(clock, observer, tries);
  const asked = askReplica(base);
  const [primary, recovery] = await Promise.all([
    Promise.all([
      witness(clock, 'public-name', () => publicName(base, senses)),
      witness(clock, 'primary-balancer', async () => primaryBalancer(base, senses, await balancer)),
      witness(clock, 'primary-ready', async () => primaryReady(base, senses, await balancer)),
      witness(clock, 'primary-apis', () => primaryApis(base)),
      witness(clock, 'route53-verdict', () => route53Verdict(base, senses)),
    ]),
    Promise.all([
      kept('primary-alarms', () => alarmVote(base, alarmsIn(base, 'primary'))),
      kept('outside-alarms', () => alarmVote(base, alarmsIn(base, 'outside'))),
      kept('recovery-apis', () => recoveryApis(base)),
      kept('recovery-capacity', () => recoveryCapacity(base)),
      kept('replica-status', () => replicaStatus(base)),
    ]),
  ]);
  const sightings = base.workload.traffic.latch === 'accelerator' ? primary.map(byWhom(primary)) : primary;
  const writes = primary.some(({ observer, verdict }) => observer === 'primary-ready' && verdict === 'well');
  const { stream, sound, fresh, ...replica } = replicaWords(base, await asked, memory, writes);
  const replicas = await Promise.all([
    witness(clock, 'replica-stream', () => stream),
    witness(clock, 'replica-sound', () => sound),
    witness(clock, 'replica-fresh', () => fresh),
  ]);
  const calm = [...sightings, ...replicas].every(({ verdict }) => verdict !== 'failed');
  return {
    look: { at: clock.now(), sightings: [...sightings, ...replicas, ...recovery] },
    memory: { balancer: await balancer, ...replica, seldom: recovery.filter((one) => calm || isAlarm(one)) },
  };
}

/** An accelerator leads to whatever Region answers: behind it the public name says nothing of a primary that doesn't. */
const byWhom =
  (all: readonly Sighting[]) =>
  (sighting: Sighting): Sighting =>
    sighting.observer === 'public-name' &&
    sighting.verdict === 'well' &&
    all.some(({ observer, verdict }) => observer === 'primary-balancer' && verdict !== 'well')
      ? { ...sighting, verdict: 'unknown', seen: 'answered, by whichever Region the accelerator leads to' }
      : sighting;

/** Milliseconds: alarms change no faster, and asking for them costs; the recovery side is looked at each time once something is wrong. */
const alarmsHold = 30_000;
const recoveryHolds = 60_000;

const isAlarm = ({ observer }: Sighting): boolean => observer === 'primary-alarms' || observer === 'outside-alarms';

const stillHolds = (sighting: Sighting, now: number): boolean =>
  isAlarm(sighting) ? now - sighting.at < alarmsHold : sighting.verdict === 'well' && now - sighting.at < recoveryHolds;

async function primaryApis({ names, on, workload }: Base): Promise<Word> {
  const asked = await Promise.allSettled([
    on('primary').parameters.get(names.roleParameter),
    on('primary').group(frontGroup(workload).name).size(),
  ]);
  const failures = asked.filter((result) => result.status === 'rejected');
  const [first] = failures;
  return failures.length < asked.length ? ['well', 'answering'] : ['failed', messageOf(first?.reason)];
}

/** Route 53's checkers look from many places; their verdict is read from DNS, which is a data plane. */
async function route53Verdict({ names }: Base, senses: Senses): Promise<Word> {
  if (names.verdictName === undefined) return ['unknown', 'there is none without a hosted zone'];
  const said = await senses.text(names.verdictName);
  return [said === 'well' || said === 'failed' ? said : 'unknown', said];
}
