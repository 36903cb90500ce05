/** SQS of the sandbox: standard queues with long polling, redrive and delays. FIFO queues are refused by name. */

import type { SandboxCore, Service } from '../../contract.ts';
import { messageChanges } from './operations/message-changes.ts';
import { queueOperations } from './operations/queues.ts';
import { receives } from './operations/receives.ts';
import { sends } from './operations/sends.ts';
import { tagging } from './operations/tagging.ts';
import { Queues } from './queues.ts';
import { Waiters } from './waiters.ts';

export function createSqsService(core: SandboxCore): Service {
  const queues = new Queues(core);
  const waiters = new Waiters();
  return {
    name: 'sqs',
    operations: {
      ...queueOperations(queues, waiters),
      ...sends(queues, waiters),
      ...receives(queues, waiters),
      ...messageChanges(queues, waiters),
      ...tagging(queues),
    },
    resourcePolicy: (arn) => queues.byArn(arn)?.attributes.Policy,
    regionDark: (region) => waiters.regionDark(region),
    regionBack: (region) => waiters.regionBack(region),
  };
}
