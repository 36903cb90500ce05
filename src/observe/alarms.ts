/**
 * The workload's own alarms as votes. Each is asked where it stands: one in the primary Region falls silent with it, and then says
 * nothing; one in a third Region, like a canary's, still speaks of a dark primary.
 */

import type { AlarmState } from '../engines/alarms/alarms.ts';
import { alarmIn, alarmStates } from '../engines/alarms/alarms.ts';
import type { Base } from '../engines/base.ts';
import type { Word } from './witness.ts';

export const alarmsIn = ({ workload }: Base, where: 'primary' | 'outside'): readonly string[] =>
  workload.watch.alarms.filter((arn) => (alarmIn(arn).region === workload.primary.region) === (where === 'primary'));

/** One that rings is enough; all of them have to be OK to say that all is well. */
export async function alarmVote(base: Base, arns: readonly string[]): Promise<Word> {
  if (arns.length === 0) return ['unknown', 'there are none'];
  const states = await statesOf(base, arns);
  const ringing = states.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
  if (ringing.length > 0) return ['failed', `ringing: ${ringing.join(', ')}`];
  const silent = states.filter(({ state }) => state !== 'OK').map(({ name, state }) => `${name} ${state}`);
  return silent.length === 0 ? ['well', 'OK'] : ['unknown', silent.join(', ')];
}

/** Whether the alarms that end a recovery's clock are all OK; undefined where the config names none. */
export async function isResolved(base: Base): Promise<boolean | undefined> {
  const { resolvedBy } = base.workload.watch;
  if (resolvedBy.length === 0) return undefined;
  return (await statesOf(base, resolvedBy)).every(({ state }) => state === 'OK');
}

async function statesOf(
  { clientsIn }: Base,
  arns: readonly string[],
): Promise<readonly { readonly name: string; readonly state: AlarmState }[]> {
  const alarms = arns.map(alarmIn);
  const regions = [...new Set(alarms.map(({ region }) => region))];
  const found = await Promise.all(
    regions.map(async (region) => {
      const names = alarms.filter((alarm) => alarm.region === region).map(({ name }) => name);
      return [...(await alarmStates(clientsIn(region), names))].map(([name, state]) => ({ name, state }));
    }),
  );
  return found.flat();
}
