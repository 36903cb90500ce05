/**
 * A plan before it is run: every step of it as this workload has it, when it begins and how long it takes by the modelled durations of AWS,
 * and which of them decide the whole. Pure. What it can't know (how much waits in a replica or a bucket) is not in it.
 */

import type { Timing } from '../facts/timing.ts';
import { timing } from '../facts/timing.ts';
import type { Workload } from '../workload/config.ts';
import type { StepKind } from './catalogue/step-spec.ts';
import type { StepName } from './catalogue.ts';
import { isCustom } from './catalogue.ts';
import { stepSpec } from './custom.ts';
import type { PlanName, PlanNode } from './graph.ts';
import { criticalPath } from './graph.ts';
import { planOf } from './plans.ts';
import type { Percentile } from './step-times.ts';
import { ownSeconds, stepSeconds } from './step-times.ts';

/** Seconds. */
type Span = Readonly<Record<Percentile, number>>;

export interface ForecastStep {
  readonly step: StepName;
  readonly does: string;
  readonly kind: StepKind;
  /** One of the workload's own, which takes up to so many seconds: nobody knows more of it. */
  readonly own?: { readonly upTo: number };
  readonly undo?: string;
  /** From the start of the run. */
  readonly begins: Span;
  readonly takes: Span;
  /** Whether the run takes longer when this does, at p50. */
  readonly critical: boolean;
}

/** Of the plan's own shape: a list is a series. */
export type ForecastNode =
  | ForecastStep
  | readonly ForecastNode[]
  | { readonly parallel: string; readonly branches: readonly ForecastNode[] };

export interface Forecast {
  readonly plan: PlanName;
  readonly version: number;
  readonly purpose: string;
  /** p95 is every step of the path at its p95: worse than one run in twenty. */
  readonly takes: Span;
  readonly criticalPath: readonly StepName[];
  readonly root: ForecastNode;
}

export function forecastOf(workload: Workload, name: PlanName): Forecast {
  const plan = planOf(workload, name);
  const cost = (percentile: Percentile) => (step: StepName) => costOf(workload, step, percentile);
  const { steps, total } = criticalPath(plan.root, cost('p50'));
  const worst = criticalPath(plan.root, cost('p95')).total;
  const onPath = new Set(steps);
  const tell = (node: PlanNode, begins: Span): { node: ForecastNode; ends: Span } => {
    switch (node.kind) {
      case 'step': {
        const takes = { p50: cost('p50')(node.step), p95: cost('p95')(node.step) };
        const told = { ...described(workload, node.step), begins, takes, critical: onPath.has(node.step) };
        return { node: told, ends: { p50: begins.p50 + takes.p50, p95: begins.p95 + takes.p95 } };
      }
      case 'series': {
        const nodes: ForecastNode[] = [];
        let ends = begins;
        for (const part of node.nodes) {
          const told = tell(part, ends);
          nodes.push(told.node);
          ends = told.ends;
        }
        return { node: nodes, ends };
      }
      case 'parallel': {
        const branches = node.branches.map((branch) => tell(branch, begins));
        const last = (percentile: Percentile) => Math.max(...branches.map(({ ends }) => ends[percentile]));
        return {
          node: { parallel: node.name, branches: branches.map((branch) => branch.node) },
          ends: { p50: last('p50'), p95: last('p95') },
        };
      }
    }
  };
  const start = { p50: 0, p95: 0 };
  const { version, purpose } = plan;
  const takes = { p50: total, p95: worst };
  return { plan: name, version, purpose, takes, criticalPath: steps, root: tell(plan.root, start).node };
}

/** The percentiles answer without drawing. */
const models: Readonly<Record<Percentile, Timing>> = {
  p50: timing('p50', { next: () => 0 }),
  p95: timing('p95', { next: () => 0 }),
};

/** A step of the workload's own is counted as nothing as a rule, and with all the time it has at worst. */
function costOf(workload: Workload, step: StepName, percentile: Percentile): number {
  const own = ownSeconds(workload, step);
  if (own !== undefined) return percentile === 'p50' ? 0 : own;
  return stepSeconds(workload, step, (name) => models[percentile].milliseconds(name) / 1000);
}

function described(workload: Workload, step: StepName): Omit<ForecastStep, 'begins' | 'takes' | 'critical'> {
  const { does, kind, undo } = stepSpec(workload.steps, step);
  const upTo = isCustom(step) ? ownSeconds(workload, step) : undefined;
  return {
    step,
    does,
    kind,
    ...(undo === undefined ? {} : { undo }),
    ...(upTo === undefined ? {} : { own: { upTo } }),
  };
}
