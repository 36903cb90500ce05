/** The whole answer as data: a normal month by component, other shapes, a failover month, drills, the price of RTO, hints, assumptions. */

import type { PriceSource } from '../facts/prices.ts';
import type { Component, Line, Unpriced } from './charge.ts';
import { components } from './charge.ts';
import type { Egress } from './egress.ts';
import { egressOf } from './egress.ts';
import type { Hint } from './hints.ts';
import { hintsOf } from './hints.ts';
import type { FreeType, Month, Subject } from './month.ts';
import { monthOf, normalModes, sumOf } from './month.ts';
import type { Drill, MovedMonth } from './moves.ts';
import { drills, failoverMonth } from './moves.ts';
import { notesOf } from './notes.ts';
import type { Shape } from './shapes.ts';
import { alternatives, pricesOfRto } from './shapes.ts';
import type { UsageName } from './usage.ts';
import { assumptions, usageNames } from './usage.ts';

export interface CostReport {
  readonly workload: string;
  readonly primary: string;
  readonly recovery: string;
  readonly currency: 'USD';
  readonly month: {
    readonly components: readonly ComponentCost[];
    /** The workload in one Region alone. */
    readonly workload: number;
    /** What the second Region adds. */
    readonly standby: number;
    readonly total: number;
    /** Standby as a part of the workload. */
    readonly share: number;
    readonly lines: readonly Line[];
    readonly unpriced: readonly Unpriced[];
    readonly free: readonly FreeType[];
  };
  readonly alternatives: readonly Shape[];
  readonly failoverMonth: MovedMonth;
  readonly drills: readonly Drill[];
  readonly priceOfRto: readonly Shape[];
  readonly egress: readonly Egress[];
  readonly hints: readonly Hint[];
  /** What isn't priced though it is there, and which choice a price stands for. */
  readonly notes: readonly string[];
  readonly assumptions: readonly AssumptionUsed[];
  readonly prices: {
    readonly asOf: string;
    readonly sources: Readonly<Record<string, PriceSource>>;
    /** Used in the month, and not looked up. */
    readonly unsure: readonly {
      readonly key: string;
      readonly region: string;
      readonly usd: number;
      readonly source: string;
    }[];
  };
}

interface ComponentCost {
  readonly component: Component;
  readonly workload: number;
  readonly standby: number;
  /** Absent where the workload alone has nothing of it. */
  readonly share?: number;
  readonly unsure: boolean;
}

interface AssumptionUsed {
  readonly name: UsageName;
  readonly value: number;
  readonly unit: string;
  readonly what: string;
  /** Said by the user. */
  readonly given: boolean;
}

export function costReport(subject: Subject): CostReport {
  const normal = monthOf(subject, normalModes);
  const [workload, standby] = [sumOf(normal.lines, 'workload'), sumOf(normal.lines, 'standby')];
  return {
    workload: `${subject.workload.environment}-${subject.workload.name}`,
    primary: subject.workload.primary.region,
    recovery: subject.workload.recovery.region,
    currency: 'USD',
    month: {
      components: components.map((component) => componentCost(component, normal)).filter(isThere),
      workload,
      standby,
      total: workload + standby,
      share: workload === 0 ? 0 : standby / workload,
      ...normal,
    },
    alternatives: alternatives(subject, normal),
    failoverMonth: failoverMonth(subject, normal),
    drills: drills(subject, normal),
    priceOfRto: pricesOfRto(subject, normal),
    egress: egressOf(subject),
    hints: hintsOf(subject, normal),
    notes: notesOf(subject),
    assumptions: usageNames.map((name) => {
      const { unit, what, value } = assumptions[name];
      return { name, unit, what, value: subject.usage[name], given: subject.usage[name] !== value };
    }),
    prices: { asOf: subject.prices.asOf, sources: subject.prices.sources, unsure: unsureOf(normal) },
  };
}

/** What has no price and would decide the result: nothing can be said without it. */
export const undecided = (subject: Subject): Unpriced[] =>
  monthOf(subject, normalModes).unpriced.filter(({ decides }) => decides);

function componentCost(component: Component, { lines }: Month): ComponentCost {
  const own = lines.filter((line) => line.component === component);
  const [workload, standby] = [sumOf(own, 'workload'), sumOf(own, 'standby')];
  return {
    component,
    workload,
    standby,
    ...(workload === 0 ? {} : { share: standby / workload }),
    unsure: own.some(({ unsure }) => unsure),
  };
}

const isThere = ({ workload, standby }: ComponentCost): boolean => workload > 0 || standby > 0;

function unsureOf({ lines }: Month): CostReport['prices']['unsure'] {
  const seen = new Map<string, CostReport['prices']['unsure'][number]>();
  for (const { price, unsure } of lines) {
    if (price === undefined || !unsure) continue;
    const { key, region, usd, source } = price;
    seen.set(`${region} ${key}`, { key, region, usd, source });
  }
  return [...seen.values()];
}
