/** A stack's outputs and exports. */

import { validationError } from './errors.ts';
import type { Scope } from './intrinsics.ts';
import { evaluate } from './intrinsics.ts';
import type { Prepared } from './prepare.ts';
import { objectOf, textOf } from './resource-type.ts';
import type { StackOutput } from './stack.ts';
import { exportsIn, importersOf } from './stack.ts';
import type { StackRun } from './stack-run.ts';
import { stackState } from './stack-state.ts';

/** The outputs whose condition holds. Raises ValidationError for an export that another stack has, or still needs. */
export function evaluateOutputs(run: StackRun, prepared: Prepared): StackOutput[] {
  const outputs = outputsIn(prepared, prepared.scope(stackState(run)));
  const others = exportsIn(run.tables).filter(({ stackId }) => stackId !== run.stackId);
  for (const { exportName } of outputs) {
    const taken = others.find(({ name }) => name === exportName);
    if (exportName !== undefined && taken !== undefined) {
      throw validationError(
        `Export with name ${exportName} is already exported by stack ${taken.stackId.split('/')[1]}`,
      );
    }
  }
  for (const { exportName, value } of run.stack.content.outputs) {
    if (exportName === undefined) continue;
    const kept = outputs.find((output) => output.exportName === exportName);
    if (kept?.value === value) continue;
    const importers = importersOf(run.tables, exportName);
    if (importers.length > 0) {
      const verb = kept === undefined ? 'delete' : 'update';
      throw validationError(`Cannot ${verb} export ${exportName} as it is in use by ${importers.join(', ')}.`);
    }
  }
  return outputs;
}

export function outputsIn(prepared: Prepared, scope: Scope): StackOutput[] {
  return Object.entries(prepared.template.outputs).flatMap(([key, output]) => {
    const { Condition: condition, Description: description } = output;
    if (typeof condition === 'string' && !prepared.condition(condition)) return [];
    const value = textOf(evaluate(output.Value ?? null, scope, `Outputs/${key}/Value`));
    if (value === undefined) {
      throw validationError(
        'Template format error: The Value field of every Outputs member must evaluate to a String.',
        `Outputs/${key}`,
      );
    }
    const exportName = textOf(evaluate(objectOf(output.Export).Name ?? null, scope, `Outputs/${key}/Export`));
    return [
      {
        key,
        value,
        ...(typeof description === 'string' ? { description } : {}),
        ...(exportName === undefined ? {} : { exportName }),
      },
    ];
  });
}
