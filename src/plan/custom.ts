/** The workload's own steps, put into the plans: each in series with the step it names, so that nothing else waits for it. */

import type { Workload } from '../workload/config.ts';
import type { StepSpec } from './catalogue/step-spec.ts';
import type { CustomStep, StepName } from './catalogue.ts';
import { specOf } from './catalogue.ts';
import type { Plan, PlanNode } from './graph.ts';
import { series, step } from './graph.ts';

type Own = Workload['steps'];

const customName = (name: string): CustomStep => `Custom-${name}`;

/** By its name in the config; undefined for a step of the product's. */
export const customOf = (own: Own, name: StepName): Own[string] | undefined =>
  Object.entries(own).find(([written]) => customName(written) === name)?.[1];

/** How a step is asked, in a workload's plans. */
export function stepSpec(own: Own, name: StepName): StepSpec {
  const custom = customOf(own, name);
  const spec = specOf(name);
  if (custom === undefined) return spec;
  const { deadlineSeconds, does, everySeconds, undo } = custom;
  return {
    ...spec,
    ...(does === undefined ? {} : { does }),
    pollSeconds: everySeconds,
    deadlineSeconds,
    ...(undo === undefined ? {} : { undo: `run the function ${undo}` }),
  };
}

/** In the order of the config, where several stand at the same place. */
export function withCustomSteps(plan: Plan, own: Own): Plan {
  const names = Object.keys(own);
  if (names.length === 0) return plan;
  const beside = (anchor: StepName, where: 'before' | 'after') =>
    names.filter((name) => own[name]?.[where] === anchor).map((name) => step(customName(name)));
  const put = (node: PlanNode): PlanNode => {
    switch (node.kind) {
      case 'step': {
        const [before, after] = [beside(node.step, 'before'), beside(node.step, 'after')];
        return before.length + after.length === 0 ? node : series(...before, node, ...after);
      }
      case 'series':
        return series(...node.nodes.map(put));
      case 'parallel':
        return { ...node, branches: node.branches.map(put) };
    }
  };
  return { ...plan, root: put(plan.root), own };
}
