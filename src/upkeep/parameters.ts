/**
 * Keeps the standby side's parameters equal to the active side's: one at a time as they change, and all of them on a schedule, because
 * change events are best effort. Copied one way only, from the side the authority calls active, asked before each write: no loops.
 */

import type { Base } from '../engines/base.ts';
import type { Parameters } from '../engines/parameters/parameters.ts';
import { sleep } from '../kernel/clock.ts';
import { readAuthority } from '../state/authority.ts';
import type { Side } from '../workload/judged.ts';
import { otherSide } from '../workload/judged.ts';
import { regionBoundPrefix } from '../workload/region-bound.ts';

export interface ParameterCopy {
  readonly written: number;
  readonly removed: number;
}

/** Milliseconds: PutParameter takes 3 a second (AWS General Reference, Systems Manager quotas), and a first copy of many must not spend its tries on being refused. */
const betweenWrites = 350;

const nothing: ParameterCopy = { written: 0, removed: 0 };

/** Makes one parameter on the standby side what it is here, or gone. */
export async function copyParameter(base: Base, own: Side, name: string): Promise<ParameterCopy> {
  if (!isCopied(base, name) || !(await isActive(base, own))) return nothing;
  const there = base.on(otherSide(own)).parameters;
  const value = await base.on(own).parameters.get(name);
  if (value === undefined) {
    await there.remove(name);
    return { written: 0, removed: 1 };
  }
  const standing = await there.get(name);
  return (await write(base, own, value, standing)) ? { written: 1, removed: 0 } : nothing;
}

/** Makes everything under the workload's paths on the standby side what it is here. */
export async function reconcileParameters(base: Base, own: Side): Promise<ParameterCopy> {
  const { names, on } = base;
  if (!(await isActive(base, own))) return nothing;
  const there = on(otherSide(own)).parameters;
  const underAll = async (parameters: Parameters) =>
    (await Promise.all(names.parameterPaths.map((path) => parameters.under(path)))).flat();
  const [wanted, standing] = await Promise.all([underAll(on(own).parameters), underAll(there)]);
  const byName = new Map(standing.map((parameter) => [parameter.Name, parameter]));
  let written = 0;
  let removed = 0;
  for (const parameter of wanted) {
    if (!isCopied(base, parameter.Name ?? '')) continue;
    if (!(await write(base, own, parameter, byName.get(parameter.Name)))) continue;
    written++;
    await sleep(base.clock, betweenWrites);
  }
  const present = new Set(wanted.map(({ Name }) => Name));
  for (const { Name } of standing) {
    if (Name === undefined || present.has(Name) || !isCopied(base, Name)) continue;
    if (!(await isActive(base, own))) break;
    await there.remove(Name);
    removed++;
  }
  return { written, removed };
}

interface Standing {
  readonly Name?: string | undefined;
  readonly Value?: string | undefined;
  readonly Type?: string | undefined;
  readonly DataType?: string | undefined;
}

async function write(base: Base, own: Side, parameter: Standing, standing: Standing | undefined): Promise<boolean> {
  if (standing?.Value === parameter.Value && standing?.Type === parameter.Type) return false;
  if (!(await isActive(base, own))) return false;
  await base.on(otherSide(own)).parameters.put({
    name: parameter.Name ?? '',
    value: parameter.Value ?? '',
    type: typeOf(parameter.Type),
    // A SecureString is encrypted anew under the other Region's key: keys don't travel.
    keyId: base.names.keyAlias,
  });
  return true;
}

const typeOf = (type: string | undefined) => (type === 'SecureString' || type === 'StringList' ? type : 'String');

const isActive = async ({ store }: Base, own: Side): Promise<boolean> => (await readAuthority(store)).active === own;

/** Under one of the workload's paths, and not bound to one Region. */
function isCopied({ workload, names }: Base, name: string): boolean {
  const path = names.parameterPaths.find((one) => name.startsWith(one));
  if (path === undefined) return false;
  const short = name.slice(path.length);
  return !short.startsWith(regionBoundPrefix) && !workload.parameters.exclude.includes(short);
}
