/** What can be done to a stack, as it is kept while it is under way: enough to go on with it in a later life of the sandbox. */

import { type CreateOptions, createStack } from './create-stack.ts';
import { deleteStack } from './delete-stack.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { StackContent } from './stack.ts';
import type { StackRun } from './stack-run.ts';
import { rollBackUpdate, type UpdateOptions, updateStack } from './update-stack.ts';

export type StackOperation =
  | { readonly kind: 'create'; readonly options: CreateOptions }
  | { readonly kind: 'update'; readonly content: StackContent; readonly options: UpdateOptions }
  | { readonly kind: 'delete'; readonly retain: readonly string[] }
  | { readonly kind: 'continue rollback'; readonly skip: readonly string[] };

/** `prepared` is what the operation began with; without it the template is made ready again, with the parameters settled then. */
export async function perform(run: StackRun, operation: StackOperation, prepared?: Prepared): Promise<void> {
  const again = ({ template, parameters }: StackContent): Promise<Prepared> =>
    prepare(run.core, {
      text: template,
      identity: { id: run.stackId, name: run.stack.name, region: run.region },
      given: [],
      previous: [],
      settled: parameters,
      principal: run.principal,
    });
  if (operation.kind === 'create') {
    await createStack(run, prepared ?? (await again(run.stack.content)), operation.options);
  } else if (operation.kind === 'update') {
    const { content, options } = operation;
    await updateStack(run, prepared ?? (await again(content)), content, options);
  } else if (operation.kind === 'delete') await deleteStack(run, operation.retain);
  else await rollBackUpdate(run, 'User Initiated', false, operation.skip);
}
