/** A stack that failed: which resource failed first, AWS's reason, what state that leaves, and what to do next. */

import type { StackFailure } from './watch-stack.ts';

export interface Explained {
  readonly says: readonly string[];
  readonly failure: {
    readonly stackName: string;
    readonly region: string;
    readonly status: string;
    readonly resource?: { readonly logicalId: string; readonly type: string; readonly reason: string };
    readonly next: string;
  };
}

export function explained({ message, region, resource, stackName, status }: StackFailure): Explained {
  const next = nextOf(stackName, region, status);
  const what =
    resource === undefined
      ? [message]
      : [
          `${stackName} in ${region} failed and is in ${status}. The resource that failed first:`,
          `  ${resource.logicalId} (${resource.type})`,
          `  ${resource.reason}`,
        ];
  return {
    says: [...what, "What hadn't begun was not started. Stacks that were deployed stay.", next],
    failure: { stackName, region, status, ...(resource === undefined ? {} : { resource }), next },
  };
}

function nextOf(stackName: string, region: string, status: string): string {
  const where = `--stack-name ${stackName} --region ${region}`;
  switch (status) {
    case 'UPDATE_ROLLBACK_COMPLETE':
      return 'The stack is as it was before. Correct the cause and run `pilot-light deploy` again.';
    case 'UPDATE_ROLLBACK_FAILED':
      return `It couldn't go back either: put right what its events name, run aws cloudformation continue-update-rollback ${where}, and deploy again.`;
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
    case 'CREATE_FAILED':
      return 'Correct the cause and run `pilot-light deploy` again: it deletes this stack, which never came up, and goes on.';
    case 'DELETE_FAILED':
      return 'Correct the cause and run `pilot-light destroy` again: it goes on where it stopped.';
    default:
      return `Look into it: aws cloudformation describe-stack-events ${where}.`;
  }
}
