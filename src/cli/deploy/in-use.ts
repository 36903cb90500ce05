/** What speaks against changing a workload's stacks right now: a run in progress; and against taking it down, also the recovery Region being the active one. */

import { baseContext } from '../../engines/base.ts';
import { wallClock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { systemIds } from '../../kernel/ids.ts';
import { planNames } from '../../plan/graph.ts';
import type { Authority } from '../../state/authority.ts';
import { readAuthority } from '../../state/authority.ts';
import type { Workload } from '../../workload/config.ts';
import { arnsOf } from '../../workload/names.ts';
import type { Destination } from './destination.ts';
import type { Problem } from './requirements.ts';

type Clients = Destination['clients'];

interface Look {
  readonly problems: readonly Problem[];
  /** What couldn't be seen. */
  readonly unseen: readonly Problem[];
}

/** Against `destroy`. What can't be seen speaks against it too. */
export async function inUse(workload: Workload, { clients }: Pick<Destination, 'clients'>): Promise<Problem[]> {
  const looks = await Promise.all([
    authorityLook(workload, clients, (authority) => [
      ...lockProblems(workload, authority, force),
      ...activeProblems(workload, authority),
    ]),
    executionLook(workload, clients, force),
  ]);
  return looks.flatMap(({ problems, unseen }) => [...problems, ...unseen]);
}

/**
 * Against `deploy`: a run and a deployment would move the same sizes, sources and rules, and an update that fails goes back to how they
 * were when it began. Who may deploy needn't be somebody who may look into it: what can't be seen is a note.
 */
export async function runInProgress(
  workload: Workload,
  clients: Clients,
): Promise<{ problems: readonly Problem[]; notes: readonly string[] }> {
  const [lock, executions] = await Promise.all([
    authorityLook(workload, clients, (authority) => lockProblems(workload, authority, anyway)),
    executionLook(workload, clients, anyway),
  ]);
  return {
    // The lock's holder is the execution under another name: one of them is enough.
    problems: executions.problems.length > 0 ? executions.problems : lock.problems,
    notes: [...lock.unseen, ...executions.unseen].map(({ region, what }) => `${region}: ${what}`),
  };
}

const force = 'if it is to go all the same: --force.';
const anyway = 'to deploy all the same: --anyway.';

const lockProblems = ({ recovery: { region } }: Workload, { holder }: Authority, way: string): Problem[] =>
  holder === undefined
    ? []
    : [{ region, what: `Run ${holder} is in progress.`, next: `Wait until it has ended; ${way}` }];

const activeProblems = ({ recovery: { region } }: Workload, { active, epoch }: Authority): Problem[] =>
  active === 'primary'
    ? []
    : [
        {
          region,
          what: `The recovery Region is the active one, since epoch ${epoch}: customers are served from it.`,
          next: `Fail back first; ${force}`,
        },
      ];

async function authorityLook(
  workload: Workload,
  clients: Clients,
  judge: (authority: Authority) => Problem[],
): Promise<Look> {
  const { region } = workload.recovery;
  const { store } = baseContext({ workload, clock: wallClock, ids: systemIds, clientsFor: clients });
  try {
    return { problems: judge(await readAuthority(store)), unseen: [] };
  } catch (error) {
    // Never deployed, or gone already.
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return { problems: [], unseen: [] };
    const what = `Which Region is active can't be read: ${messageOf(error)}`;
    return { problems: [], unseen: [{ region, what, next: `Make it readable; ${force}` }] };
  }
}

async function executionLook(workload: Workload, clients: Clients, way: string): Promise<Look> {
  const { region } = workload.recovery;
  const { ListExecutionsCommand } = await import('@aws-sdk/client-sfn');
  const client = await clients(region).stepFunctions();
  const looks = await Promise.all(
    planNames.map(async (plan): Promise<Look> => {
      const stateMachineArn = arnsOf(workload).machine(plan);
      try {
        const { executions = [] } = await client.send(
          new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }),
        );
        const problems = executions.map(({ name }) => ({
          region,
          what: `The ${plan} ${name} is running.`,
          next: `Wait until it has ended; ${way}`,
        }));
        return { problems, unseen: [] };
      } catch (error) {
        if (error instanceof Error && error.name === 'StateMachineDoesNotExist') return { problems: [], unseen: [] };
        const what = `Whether a ${plan} is running can't be seen: ${messageOf(error)}`;
        return { problems: [], unseen: [{ region, what, next: way }] };
      }
    }),
  );
  return {
    problems: looks.flatMap(({ problems }) => problems),
    unseen: looks.flatMap(({ unseen }) => unseen),
  };
}
