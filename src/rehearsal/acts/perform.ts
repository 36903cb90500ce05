/** Carries out an act of the rehearsal's own hand. */

import { messageOf, terminalError } from '../../kernel/errors.ts';
import { regionOf } from '../../workload/judged.ts';
import { goHome } from '../go-home.ts';
import type { Production } from '../production.ts';
import type { Stage } from '../stage.ts';
import type { Act } from './act.ts';
import { wordsOf } from './act.ts';
import { giveImages, loseImages, takeSnapshot, terminateInstances } from './owner.ts';
import { startBy } from './start.ts';

export async function perform(stage: Stage, production: Production, act: Act): Promise<void> {
  const { target, workload } = stage;
  const says = wordsOf(act);
  const tell = () => stage.say({ kind: 'act', at: stage.now(), says });
  if ('dark' in act) {
    if (act.dark === 'primary') stage.moment('dark', says);
    else tell();
    stage.down.add(act.dark);
    return target.goDark(regionOf(workload, act.dark));
  }
  if ('back' in act) {
    if (act.back === 'primary') stage.enter('return', stage.speeds.measured, says);
    else tell();
    await target.bringBack(regionOf(workload, act.back));
    stage.down.delete(act.back);
    if (act.back === 'primary')
      stage.moment(
        'back',
        `the primary Region is back, its old database ${workload.witness === undefined ? 'writable' : 'without a lease'}, its functions draining their queues`,
      );
    return;
  }
  // The way home is long, and mostly dull: it sets its own speeds.
  if ('start' in act && act.start === 'failback') return goHome(stage);
  tell();
  if ('start' in act) return startBy(stage, act.start, act.by);
  if ('break-glass' in act) return breakGlass(stage, production, act);
  if ('snapshot' in act) return takeSnapshot(stage, act.snapshot);
  if ('lose-images' in act) return loseImages(stage, act['lose-images']);
  if ('give-images' in act) return giveImages(stage, act['give-images']);
  return terminateInstances(stage, act.terminate);
}

/** @throws when it is refused and should not be, or isn't and should. */
async function breakGlass(
  stage: Stage,
  production: Production,
  { 'break-glass': plan, refused, 'take-over': takeOver }: Extract<Act, { 'break-glass': unknown }>,
): Promise<void> {
  const error = await production
    .breakGlass(plan, { takeOver }, (says) => stage.progress(says))
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  if (refused === undefined) {
    if (error !== undefined) throw error;
    return;
  }
  if (error === undefined) throw terminalError('it was not refused');
  if (!messageOf(error).includes(refused)) throw error;
  stage.progress(`refused: ${messageOf(error)}`);
}
