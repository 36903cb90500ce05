/** Step Functions: state machines of the standard type, run by the interpreter in `sandbox/asl`. */

import type { SandboxCore, Service } from '../../contract.ts';
import { executionOperations } from './execution-operations.ts';
import { Executions } from './executions.ts';
import { Histories } from './history.ts';
import { TaskPerformer } from './integrations/perform.ts';
import { machineOperations } from './machine-operations.ts';
import { tagOperations } from './tags.ts';
import { taskOperations } from './task-operations.ts';
import { TaskTokens } from './tokens.ts';

export function createStatesService(core: SandboxCore): Service {
  const histories = new Histories(core);
  const tokens = new TaskTokens(core, histories);
  const performer = new TaskPerformer(core, tokens);
  const executions = new Executions(core, { histories, tokens, performer });
  return {
    name: 'states',
    operations: {
      ...machineOperations(core),
      ...executionOperations(core, executions, histories),
      ...taskOperations(tokens),
      ...tagOperations(core),
    },
    regionDark: (region) => performer.regionDark(region),
    regionBack: (region) => performer.regionBack(region),
    resume: () => executions.resume(),
    close: () => executions.close(),
  };
}
