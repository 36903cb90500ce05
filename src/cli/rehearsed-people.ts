/** People at work in a rehearsal: what `pilot-light run …` and `pilot-light approve` do, on the sandbox's clock, with its administrator's credentials. */

import type { Base } from '../engines/base.ts';
import { baseContext } from '../engines/base.ts';
import { usageError } from '../kernel/errors.ts';
import { systemIds } from '../kernel/ids.ts';
import type { Answer, Ordered } from '../rehearsal/production.ts';
import type { Target } from '../rehearsal/target.ts';
import { latestRequest, listRequests } from '../state/approvals.ts';
import type { Workload } from '../workload/config.ts';
import { decideRequest } from './approve.ts';
import { runsOf } from './run/find-run.ts';
import { giveOrderTo } from './run/order.ts';

const by = 'rehearsal';

/** Answers the run it was ordered of. */
export async function rehearsedOrder(
  target: Pick<Target, 'clients' | 'clock'>,
  workload: Workload,
  { order, plan, step, why }: Ordered,
): Promise<string> {
  const base = baseOf(target, workload);
  const id = plan === undefined ? undefined : (await runsOf(base)).find((run) => run.plan === plan)?.id;
  if (plan !== undefined && id === undefined) throw usageError(`There was no ${plan}: nothing can be ordered of it.`);
  return (await giveOrderTo(base, order, { id, step, by, why })).run;
}

/** Answers the request that was decided. */
export async function rehearsedAnswer(
  target: Pick<Target, 'clients' | 'clock'>,
  workload: Workload,
  { approve, request: which, why }: Answer,
): Promise<string> {
  const base = baseOf(target, workload);
  const { store } = base;
  const request = which === 'first' ? (await listRequests(store))[0] : await latestRequest(store);
  if (request === undefined) throw usageError('Nobody has been asked anything yet.');
  return (await decideRequest(base, request.id, approve ? 'approved' : 'declined', { by, why })).id;
}

const baseOf = ({ clients, clock }: Pick<Target, 'clients' | 'clock'>, workload: Workload): Base =>
  baseContext({ workload, clock, ids: systemIds, clientsFor: clients });
