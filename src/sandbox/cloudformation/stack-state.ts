/** What a stack's resources answer to `Ref` and `Fn::GetAtt`, as they stand. */

import type { ResourceLookup } from './prepare.ts';
import type { StackRun } from './stack-run.ts';

export function stackState(run: StackRun): ResourceLookup {
  return (logicalId, attribute) => {
    const resource = run.stack.resources[logicalId];
    return attribute === undefined ? resource?.physicalId : resource?.attributes[attribute];
  };
}
