/** The shape of a plan: a series-parallel graph of named steps, as data. */

import type { Workload } from '../workload/config.ts';
import type { Machine } from '../workload/names.ts';
import { machines } from '../workload/names.ts';
import type { StepName } from './catalogue.ts';

/** Each has a state machine of its own. */
export const planNames = machines;
export type PlanName = Machine;

export type PlanNode =
  | { readonly kind: 'step'; readonly step: StepName }
  | { readonly kind: 'series'; readonly nodes: readonly PlanNode[] }
  | { readonly kind: 'parallel'; readonly name: string; readonly branches: readonly PlanNode[] };

export interface Plan {
  readonly name: PlanName;
  /** Rises when the graph changes: a run keeps the version it started with. */
  readonly version: number;
  readonly purpose: string;
  readonly root: PlanNode;
  /** The workload's own steps in it, as they stand in the config. */
  readonly own?: Workload['steps'];
}

export const step = (name: StepName): PlanNode => ({ kind: 'step', step: name });
export const series = (...nodes: PlanNode[]): PlanNode => ({ kind: 'series', nodes });
export const parallel = (name: string, ...branches: PlanNode[]): PlanNode => ({ kind: 'parallel', name, branches });

/** The steps before the one that stops writes: for as long as they take, customers are served as ever. */
export function stepsBeforeQuiesce({ root }: Plan): StepName[] {
  const all = stepsOf(root);
  const quiesce = all.findIndex((name) => name === 'Quiesce' || name === 'QuiescePrimary');
  return quiesce === -1 ? [] : all.slice(0, quiesce);
}

/** Every step of a graph, in the order a reader meets it. */
export function stepsOf(node: PlanNode): StepName[] {
  switch (node.kind) {
    case 'step':
      return [node.step];
    case 'series':
      return node.nodes.flatMap(stepsOf);
    case 'parallel':
      return node.branches.flatMap(stepsOf);
  }
}

/** The longest way through the graph when each step takes what `cost` says: the least time a run can take, and the steps on it. */
export function criticalPath<Cost extends number>(
  node: PlanNode,
  cost: (step: StepName) => Cost,
): { total: number; steps: StepName[] } {
  switch (node.kind) {
    case 'step':
      return { total: cost(node.step), steps: [node.step] };
    case 'series': {
      const parts = node.nodes.map((part) => criticalPath(part, cost));
      return { total: parts.reduce((sum, { total }) => sum + total, 0), steps: parts.flatMap(({ steps }) => steps) };
    }
    case 'parallel':
      return node.branches
        .map((branch) => criticalPath(branch, cost))
        .reduce((longest, path) => (path.total > longest.total ? path : longest), { total: 0, steps: [] });
  }
}
