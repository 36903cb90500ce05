/** The server variables an instance's parameter group comes to, with RDS's formulas worked out. */

import type { Variables } from '../../databases/database.ts';
import { classMemory } from './engines.ts';
import { parametersOf } from './parameter-catalogue.ts';
import type { InstanceRow, ParameterGroupRow } from './rows.ts';

type Role = Pick<InstanceRow, 'follows' | 'class'>;

/** `only` limits the answer to some parameters, for changing a running server. */
export function effectiveVariables(group: ParameterGroupRow, instance: Role, only?: readonly string[]): Variables {
  const variables: Record<string, string> = {};
  for (const { name, variable, preset } of parametersOf(group.family)) {
    if (variable === undefined || (only !== undefined && !only.includes(name))) continue;
    const value = group.values[name]?.value ?? preset;
    if (value !== undefined) variables[variable] = workedOut(value, instance);
  }
  return variables;
}

function workedOut(value: string, instance: Role): string {
  if (value === '{TrueIfReplica}') return instance.follows ? '1' : '0';
  const [, divisor] = /^\{DBInstanceClassMemory\/(\d+)\}$/.exec(value) ?? [];
  return divisor === undefined ? value : String(Math.floor(classMemory(instance.class) / Number(divisor)));
}
