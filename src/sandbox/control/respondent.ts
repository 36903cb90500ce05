/** A running sandbox's answers, by what is asked. */

import { authorityFile } from '../certificates/authority.ts';
import type { IamAuthorizer } from '../iam/authorizer.ts';
import type { RunningSandbox } from '../sandbox.ts';
import { bringBack, liftFaults, raiseFault, standingFaults } from './faults.ts';
import { iamReport } from './iam-report.ts';
import { logSources, readLog } from './logs.ts';
import type { PaceMeter } from './pace-meter.ts';
import type { AnswerTo, Asked, RequestOf, Respondent, Status } from './protocol.ts';
import { clockAnswer, regionStatus } from './status.ts';

/** What whoever started the sandbox says of it. */
export interface Told extends Pick<Status, 'purpose' | 'stage' | 'since' | 'endpoint' | 'state' | 'envFile'> {
  readonly environment: Readonly<Record<string, string>>;
}

type Answers = { readonly [Ask in Asked]: (request: RequestOf<Ask>) => AnswerTo<Ask> | Promise<AnswerTo<Ask>> };

export function respondentOf(
  sandbox: RunningSandbox & { readonly iam: IamAuthorizer },
  meter: PaceMeter,
  told: () => Told,
): Respondent {
  const { core, board, clock } = sandbox;
  const answers: Answers = {
    status: () => {
      const { environment: _secret, ...open } = told();
      return {
        id: sandbox.id,
        pid: process.pid,
        ...open,
        directory: core.directory,
        certificateAuthority: authorityFile(core),
        clock: clockAnswer(core, meter),
        regions: core.regions.map((region) => regionStatus(core, region)),
        faults: standingFaults(board),
      };
    },
    environment: () => told().environment,
    sources: () => logSources(core),
    log: ({ source, lines, after }) => readLog(core, source, { lines, after }),
    faults: () => standingFaults(board),
    raise: ({ fault }) => raiseFault(sandbox, fault),
    lift: ({ id }) => liftFaults(sandbox, id),
    back: ({ region }) => bringBack(sandbox, region),
    clock: () => clockAnswer(core, meter),
    speed: ({ speed }) => {
      clock.setCeiling(speed === 'max' ? Number.POSITIVE_INFINITY : speed);
      return clockAnswer(core, meter);
    },
    iam: ({ role }) => iamReport(core, sandbox.iam.usage(), role),
  };
  return {
    ask: async <Ask extends Asked>(request: RequestOf<Ask>) =>
      (await (answers[request.ask] as (given: RequestOf<Ask>) => unknown)(request)) as AnswerTo<Ask>,
  };
}
