/**
 * A month's bill of both Regions, from their templates. Invariants: every resource is priced, named as unpriced or listed as free; what
 * has no price is never zero; the lines add up to the totals.
 */

import type { PriceBook } from '../facts/prices.ts';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import type { Names } from '../workload/names.ts';
import { namesOf } from '../workload/names.ts';
import type { Charge, Column, Line, Mode, Setting, Unpriced } from './charge.ts';
import { idOf } from './charge.ts';
import { controlUseOf } from './control.ts';
import { freeTypes, isCustom, pricers } from './pricers/table.ts';
import type { DeployedTemplate, Resource } from './template.ts';
import { resourcesOf } from './template.ts';
import { undeclared } from './undeclared.ts';
import type { Usage } from './usage.ts';

/** What is priced. */
export interface Subject {
  readonly templates: readonly DeployedTemplate[];
  readonly workload: Workload;
  readonly usage: Usage;
  readonly prices: PriceBook;
}

export type Modes = Readonly<Record<Side, Mode>>;

export interface Month {
  readonly lines: readonly Line[];
  readonly unpriced: readonly Unpriced[];
  readonly free: readonly FreeType[];
}

export interface FreeType {
  readonly type: string;
  readonly count: number;
  readonly why: string;
}

/** The primary serves, the recovery Region waits. */
export const normalModes: Modes = {
  primary: { role: 'active', share: 1, replicates: true },
  recovery: { role: 'standby', share: 0, replicates: true },
};

export function monthOf(subject: Subject, modes: Modes): Month {
  const settings = settingsOf(subject, modes);
  const lines: Line[] = [];
  const unpriced: Unpriced[] = [];
  const free = new Map<string, number>();
  const add = (resource: Placed, charges: readonly Charge[]) => {
    for (const charge of charges) {
      const priced = priceOf(subject.prices, resource, charge);
      if ('keys' in priced) unpriced.push(priced);
      else lines.push(priced);
    }
  };
  for (const resource of settings.primary.all) {
    const pricer = pricers[resource.type];
    const charges = pricer?.(resource, settings[resource.side]) ?? [];
    const place = { id: idOf(resource), type: resource.type, side: resource.side, region: resource.region };
    if (charges.length > 0) add(place, charges);
    else if (freeTypes[resource.type] !== undefined || isCustom(resource.type)) {
      free.set(resource.type, (free.get(resource.type) ?? 0) + 1);
    } else {
      const { type } = resource;
      unpriced.push({
        ...unpricedOf(place, { what: type, keys: [] }),
        why: 'no pricer knows this type',
        decides: false,
      });
    }
  }
  for (const side of ['primary', 'recovery'] as const) {
    const { region } = subject.workload[side];
    for (const { of, charges } of undeclared(settings[side])) add({ id: of, type: of, side, region }, charges);
  }
  return {
    lines,
    unpriced,
    free: [...free].map(([type, count]) => ({
      type,
      count,
      why: freeTypes[type] ?? "its function's runs are a handful",
    })),
  };
}

/** What pricers look at, for each side in its mode. */
export function settingsOf({ templates, workload, usage }: Subject, modes: Modes): Record<Resource['side'], Setting> {
  const names: Names = namesOf(workload);
  const inMode = (template: DeployedTemplate) =>
    resourcesOf(template, template.side === 'witness' ? 'standby' : modes[template.side].role, names.roleParameter);
  const all = templates.flatMap(inMode);
  const whenActive = templates.flatMap((template) => resourcesOf(template, 'active', names.roleParameter));
  const active = modes.recovery.role === 'active' ? 'recovery' : 'primary';
  const common = {
    usage,
    workload,
    names,
    all,
    whenActive,
    modes,
    control: controlUseOf(all, { workload, names, usage, active }),
  };
  return {
    primary: { ...common, side: 'primary', mode: modes.primary },
    recovery: { ...common, side: 'recovery', mode: modes.recovery },
    witness: { ...common, side: 'witness', mode: { role: 'standby', share: 0, replicates: false } },
  };
}

interface Placed {
  readonly id: string;
  readonly type: string;
  readonly side: Resource['side'];
  readonly region: string;
}

/** A charge with its price, or the reason why it has none. */
export function priceOf(prices: PriceBook, resource: Placed, charge: Charge): Line | Unpriced {
  const { rates, region = resource.region, column = columnOf(resource.side), ...rest } = charge;
  const line = { ...rest, resource: resource.id, side: resource.side, region, column };
  const keys = rates.map(({ key }) => key);
  const missing = unpricedOf({ ...resource, region }, { what: charge.what, keys, column });
  if (Number.isNaN(charge.quantity))
    return { ...missing, why: "the template doesn't say how much", decides: decides(charge) };
  if (charge.quantity === 0) return { ...line, unsure: false, usd: 0 };
  for (const { key, times = 1, approximate = false } of rates) {
    const price = prices.find(region, key);
    if (price === undefined) continue;
    return { ...line, price, unsure: price.unsure || approximate, usd: price.usd * times * charge.quantity };
  }
  return { ...missing, why: `no price in ${region}`, decides: decides(charge) };
}

export const sumOf = (lines: readonly Line[], column?: Column): number =>
  lines.reduce((sum, line) => sum + (column === undefined || line.column === column ? line.usd : 0), 0);

/** What runs by the hour is most of a bill: instances, databases, load balancers, gateways, endpoints. */
const decides = ({ unit, component }: Charge): boolean => unit === 'hours' && component !== 'DNS';

const columnOf = (side: Resource['side']): Column => (side === 'primary' ? 'workload' : 'standby');

function unpricedOf(
  { id, type, side, region }: Placed,
  { what, keys, column = columnOf(side) }: { what: string; keys: readonly string[]; column?: Column },
) {
  return { resource: id, type, what, region, column, keys };
}
