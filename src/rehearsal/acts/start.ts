/** Starts a plan by one of its doors, as people and other systems do. */

import { terminalError } from '../../kernel/errors.ts';
import type { PlanName } from '../../plan/graph.ts';
import { startPlan } from '../runs.ts';
import type { Stage } from '../stage.ts';
import type { Door } from './act.ts';

export async function startBy(stage: Stage, plan: PlanName, door: Door): Promise<void> {
  const name = `rehearsed-${Math.floor(stage.target.clock.now() / 1000)}`;
  switch (door) {
    case 'start-execution':
      await startPlan(stage, plan, name);
      return;
    case 'event':
      return putEvent(stage, plan);
    case 'twice-at-once':
      // Two people who don't know of each other: each with a name of their own.
      await Promise.all([startPlan(stage, plan, `${name}-a`), startPlan(stage, plan, `${name}-b`)]);
  }
}

/** Source: EventBridge API Reference, PutEvents. */
async function putEvent(stage: Stage, plan: PlanName): Promise<void> {
  const { PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
  const client = await stage.clients('recovery').events();
  const DetailType = `${plan.charAt(0).toUpperCase()}${plan.slice(1)} Requested`;
  const { Entries } = await client.send(
    new PutEventsCommand({
      Entries: [{ Source: 'pilot-light', DetailType, Detail: JSON.stringify({ why: 'a rehearsal' }) }],
    }),
  );
  const refused = Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
  if (refused !== undefined)
    throw terminalError(`The event wasn't taken: ${refused.ErrorMessage ?? refused.ErrorCode}.`);
}
