/** What speaks against taking a workload down right now: a run in progress, or the recovery Region being the active one. */

import { baseContext } from '../../engines/base.ts';
import { wallClock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { systemIds } from '../../kernel/ids.ts';
import { readAuthority } from '../../state/authority.ts';
import type { Workload } from '../../workload/config.ts';
import { arnsOf } from '../../workload/names.ts';
import type { Destination } from './destination.ts';
import type { Problem } from './requirements.ts';

export async function inUse(workload: Workload, { clients }: Pick<Destination, 'clients'>): Promise<Problem[]> {
  const found = await Promise.all([authorityProblems(workload, clients), executionProblems(workload, clients)]);
  return found.flat();
}

const force = 'if it is to go all the same: --force.';

async function authorityProblems(workload: Workload, clients: Destination['clients']): Promise<Problem[]> {
  const { region } = workload.recovery;
  const { store } = baseContext({ workload, clock: wallClock, ids: systemIds, clientsFor: clients });
  try {
    const { active, epoch, holder } = await readAuthority(store);
    return [
      ...(holder === undefined
        ? []
        : [{ region, what: `Run ${holder} is in progress.`, next: `Wait until it has ended; ${force}` }]),
      ...(active === 'primary'
        ? []
        : [
            {
              region,
              what: `The recovery Region is the active one, since epoch ${epoch}: customers are served from it.`,
              next: `Fail back first; ${force}`,
            },
          ]),
    ];
  } catch (error) {
    // Never deployed, or gone already.
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
    return [
      { region, what: `Which Region is active can't be read: ${messageOf(error)}`, next: `Make it readable; ${force}` },
    ];
  }
}

async function executionProblems(workload: Workload, clients: Destination['clients']): Promise<Problem[]> {
  const { region } = workload.recovery;
  const { ListExecutionsCommand } = await import('@aws-sdk/client-sfn');
  const client = await clients(region).stepFunctions();
  const found = await Promise.all(
    (['failover', 'failback'] as const).map(async (plan): Promise<Problem[]> => {
      const stateMachineArn = arnsOf(workload).machine(plan);
      try {
        const { executions = [] } = await client.send(
          new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }),
        );
        return executions.map(({ name }) => ({
          region,
          what: `The ${plan} ${name} is running.`,
          next: `Wait until it has ended; ${force}`,
        }));
      } catch (error) {
        if (error instanceof Error && error.name === 'StateMachineDoesNotExist') return [];
        return [{ region, what: `Whether a ${plan} is running can't be seen: ${messageOf(error)}`, next: force }];
      }
    }),
  );
  return found.flat();
}
