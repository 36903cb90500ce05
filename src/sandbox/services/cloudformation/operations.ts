/** CloudFormation as a service of the sandbox: its operations over the engine in `src/sandbox/cloudformation`. */

import { engine } from '../../cloudformation/engine.ts';
import type { SandboxCore, Service } from '../../contract.ts';
import { changeSetOperations } from './change-sets.ts';
import { describeOperations } from './describe.ts';
import { stackOperations } from './stacks.ts';
import { templateOperations } from './templates.ts';

export interface CloudFormationService extends Service {
  /** Settles when no stack operation is at work. */
  idle(): Promise<void>;
}

export function createCloudFormationService(core: SandboxCore): CloudFormationService {
  const running = engine(core);
  return {
    name: 'cloudformation',
    operations: {
      ...stackOperations(running),
      ...changeSetOperations(running),
      ...describeOperations(core),
      ...templateOperations(core),
    },
    resume: () => running.resume(),
    close: () => running.close(),
    idle: () => running.idle(),
  };
}
