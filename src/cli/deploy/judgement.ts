/** The last look before a change set is executed: what was reviewed may look different once the stacks before it have changed. */

import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import { terminalError } from '../../kernel/errors.ts';
import type { AssemblyStack } from './assembly.ts';
import { statefulTypes } from './stack-plan.ts';

/** @throws when something that holds data would be replaced. */
export function judgement({ region, stackName }: AssemblyStack, changes: readonly ResourceChange[]): void {
  const replaced = changes.filter(
    ({ Replacement, ResourceType = '' }) => Replacement === 'True' && statefulTypes.has(ResourceType),
  );
  if (replaced.length === 0) return;
  throw terminalError(`${stackName} in ${region} would replace what holds data, and was left as it is.`, {
    given: replaced.map(({ LogicalResourceId, ResourceType }) => `${LogicalResourceId} (${ResourceType})`).join(', '),
    next: 'What it depends on has changed: take that change back, and deploy again.',
  });
}
