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
  if ('order' in act) return order(stage, production, act);
  if ('approve' in act) return answer(stage, production, act);
  if ('snapshot' in act) return takeSnapshot(stage, act.snapshot);
  if ('lose-images' in act) return loseImages(stage, act['lose-images']);
  if ('give-images' in act) return giveImages(stage, act['give-images']);
  return terminateInstances(stage, act.terminate);
}

function breakGlass(
  stage: Stage,
  production: Production,
  { 'break-glass': plan, refused, 'take-over': takeOver }: Extract<Act, { 'break-glass': unknown }>,
): Promise<void> {
  return orRefused(stage, refused, () => production.breakGlass(plan, { takeOver }, (says) => stage.progress(says)));
}

function order(
  stage: Stage,
  production: Production,
  { order: name, plan, step, reason, refused }: Extract<Act, { order: unknown }>,
): Promise<void> {
  const why = reason ?? 'a rehearsal';
  return orRefused(stage, refused, async () =>
    stage.progress(`run ${await production.order({ order: name, plan, step, why })} is told`),
  );
}

function answer(
  stage: Stage,
  production: Production,
  { approve, request, reason = '', refused }: Extract<Act, { approve: unknown }>,
): Promise<void> {
  return orRefused(stage, refused, async () =>
    stage.progress(
      `request ${await production.answer({ approve: approve === 'yes', request, why: reason })} is decided`,
    ),
  );
}

/** @throws when it is refused and should not be, or isn't and should. */
async function orRefused(stage: Stage, refused: string | undefined, work: () => Promise<unknown>): Promise<void> {
  if (refused === undefined) return void (await work());
  const error = await work().then(
    () => terminalError('it was not refused'),
    (thrown: unknown) => thrown,
  );
  if (!messageOf(error).includes(refused)) throw error;
  stage.progress(`refused: ${messageOf(error)}`);
}
