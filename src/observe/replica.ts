/**
 * The replica, asked once per look for three words. A replica goes on applying what it has after its source died: only the growth of
 * what it *receives* says that the source lives; how far behind it is, and whether it applies at all, say what a failover would lose.
 */

import type { Base } from '../engines/base.ts';
import type { DatabaseLook } from '../engines/database/requests.ts';
import { messageOf } from '../kernel/errors.ts';
import type { JuryMemory } from '../state/looks.ts';
import type { Word } from './witness.ts';

export interface ReplicaWords {
  readonly stream: Word;
  readonly sound: Word;
  readonly fresh: Word;
  readonly received: JuryMemory['received'];
  readonly receivedAt: JuryMemory['receivedAt'];
  readonly unreceivedSeconds: number;
}

export async function askReplica({ on }: Base): Promise<DatabaseLook | Error> {
  try {
    return await on('recovery').sql.ask({ ask: 'look' });
  } catch (error) {
    return new Error(messageOf(error));
  }
}

/** `writes` is whether the primary is seen to take writes: only then is silence the replica's own. */
export function replicaWords(
  { clock, workload }: Base,
  asked: DatabaseLook | Error,
  memory: JuryMemory,
  writes: boolean,
): ReplicaWords {
  const { received, receivedAt, unreceivedSeconds } = memory;
  const nothing = (seen: string): ReplicaWords => {
    const word: Word = ['unknown', seen];
    return { stream: word, sound: word, fresh: word, received, receivedAt, unreceivedSeconds };
  };
  if (asked instanceof Error) return nothing(asked.message);
  const { replica, heartbeat } = asked;
  if (replica === undefined) return nothing('the recovery database is no replica');

  const now = clock.now();
  const grew = replica.received !== received;
  const grewAt = grew ? now : (receivedAt ?? now);
  const silent = (now - grewAt) / 1000;
  // The heartbeat writes each second: silence longer than two looks is silence.
  const hears = silent < 2 * workload.watch.intervalSeconds;
  // After the primary died this stands still: what came before its end stays what was never received.
  const missed = hears ? 0 : writes ? silent : unreceivedSeconds;
  const late = heartbeat === undefined ? 0 : Math.max(0, (grewAt - heartbeat.at) / 1000);
  const behind = Math.max(missed, late);
  return {
    stream: [hears ? 'well' : 'failed', `received ${replica.received}, grew ${Math.round(silent)} s ago`],
    sound: replica.applying ? ['well', 'applying'] : ['failed', replica.error ?? 'it applies nothing'],
    fresh: [
      behind > workload.objectives.rpoSeconds ? 'failed' : 'well',
      `${Math.round(missed)} s not received, ${Math.round(late)} s not applied`,
    ],
    received: replica.received,
    receivedAt: grewAt,
    unreceivedSeconds: missed,
  };
}
