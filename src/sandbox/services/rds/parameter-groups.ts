/** DB parameter groups: named sets of parameter values, applied to the instances that use them at once or at their next reboot. */

import type {
  CreateDBParameterGroupCommandInput,
  DBParameterGroup,
  DescribeDBParametersCommandInput,
  ModifyDBParameterGroupCommandInput,
  Parameter,
  ResetDBParameterGroupCommandInput,
} from '@aws-sdk/client-rds';
import { AwsError, type SandboxCore } from '../../contract.ts';
import { arnOf } from './arns.ts';
import type { Rds } from './context.ts';
import { defaultParameterGroup, families } from './engines.ts';
import { invalidCombination, invalidValue, parameterGroupNotFound } from './errors.ts';
import { tell } from './events.ts';
import { groupName, tagsFrom } from './input.ts';
import { isAllowed, type ParameterDefinition, parametersOf } from './parameter-catalogue.ts';
import { applyParameters } from './parameter-changes.ts';
import { type ParameterGroupRow, rdsTables } from './rows.ts';

const mostAtOnce = 20;
type Method = 'immediate' | 'pending-reboot';

/** The group, or the default one of a family, which exists in every Region. */
export function parameterGroup(core: SandboxCore, region: string, name: string): ParameterGroupRow {
  const row = rdsTables(core, region).parameterGroups.get(name.toLowerCase());
  if (row !== undefined) return row;
  const family = families.find((one) => defaultParameterGroup(one) === name.toLowerCase());
  if (family === undefined) throw parameterGroupNotFound(name);
  return {
    name: defaultParameterGroup(family),
    family,
    description: `Default parameter group for ${family}`,
    values: {},
    tags: {},
  };
}

export function createParameterGroup(
  { core }: Rds,
  region: string,
  input: CreateDBParameterGroupCommandInput,
): ParameterGroupRow {
  const name = groupName('DBParameterGroupName', input.DBParameterGroupName);
  const { parameterGroups } = rdsTables(core, region);
  if (parameterGroups.has(name) || name.startsWith('default.')) {
    throw new AwsError('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists`);
  }
  const family = input.DBParameterGroupFamily ?? '';
  if (!families.includes(family))
    throw invalidValue(`ParameterGroupFamily ${family} is not a valid parameter group family`);
  return parameterGroups.put(name, {
    name,
    family,
    description: input.Description ?? '',
    values: {},
    tags: tagsFrom(input.Tags),
  });
}

export function deleteParameterGroup({ core }: Rds, region: string, given: string | undefined): void {
  const row = custom(core, region, given);
  const { instances, parameterGroups } = rdsTables(core, region);
  if (instances.values().some((instance) => instance.parameterGroup.name === row.name)) {
    throw new AwsError(
      'InvalidDBParameterGroupState',
      'One or more database instances are still members of this parameter group, so the group cannot be deleted',
    );
  }
  parameterGroups.delete(row.name);
}

export function modifyParameterGroup(rds: Rds, region: string, input: ModifyDBParameterGroupCommandInput): string {
  const row = custom(rds.core, region, input.DBParameterGroupName);
  const changes = checked(row, input.Parameters ?? [], true);
  const values = Object.fromEntries(changes.map(({ name, value, method }) => [name, { value, method }]));
  rdsTables(rds.core, region).parameterGroups.put(row.name, { ...row, values: { ...row.values, ...values } });
  for (const { name, value, method } of changes)
    tell(rds.core, { kind: 'pg', region, id: row.name }, 'parameterUpdated', name, value, method);
  applyParameters(rds, region, row.name, changes);
  return row.name;
}

export function resetParameterGroup(rds: Rds, region: string, input: ResetDBParameterGroupCommandInput): string {
  const row = custom(rds.core, region, input.DBParameterGroupName);
  // Dynamic parameters go back at once, static ones at the next reboot.
  const all = input.ResetAllParameters ?? (input.Parameters ?? []).length === 0;
  const changes = all
    ? Object.keys(row.values).map((name) => ({ name, method: methodFor(definition(row, name)) }))
    : checked(row, input.Parameters ?? [], false);
  const gone = new Set(changes.map(({ name }) => name));
  const values = Object.fromEntries(Object.entries(row.values).filter(([name]) => !gone.has(name)));
  rdsTables(rds.core, region).parameterGroups.put(row.name, { ...row, values });
  applyParameters(rds, region, row.name, changes);
  return row.name;
}

export function describeParameters(
  core: SandboxCore,
  region: string,
  input: DescribeDBParametersCommandInput,
): Parameter[] {
  const row = parameterGroup(core, region, input.DBParameterGroupName ?? '');
  const rows = parametersOf(row.family).map((parameter) => parameterShape(row, parameter));
  return input.Source === undefined ? rows : rows.filter(({ Source }) => Source === input.Source);
}

export const parameterGroupShape = (core: SandboxCore, region: string, row: ParameterGroupRow): DBParameterGroup => ({
  DBParameterGroupName: row.name,
  DBParameterGroupFamily: row.family,
  Description: row.description,
  DBParameterGroupArn: arnOf(core, region, 'pg', row.name),
});

function parameterShape(row: ParameterGroupRow, parameter: ParameterDefinition): Parameter {
  const set = row.values[parameter.name];
  const value = set?.value ?? parameter.preset;
  return {
    ParameterName: parameter.name,
    ...(value === undefined ? {} : { ParameterValue: value }),
    Source: set !== undefined ? 'user' : parameter.preset === undefined ? 'engine-default' : 'system',
    ApplyType: parameter.type,
    DataType: parameter.data,
    ...(parameter.allowed === undefined ? {} : { AllowedValues: parameter.allowed }),
    IsModifiable: true,
    ApplyMethod: set?.method ?? 'pending-reboot',
  };
}

function custom(core: SandboxCore, region: string, given: string | undefined): ParameterGroupRow {
  const row = parameterGroup(core, region, given ?? '');
  if (!row.name.startsWith('default.')) return row;
  throw invalidValue(`The parameter group ${row.name} is a default parameter group and can't be modified`);
}

function checked(row: ParameterGroupRow, parameters: readonly Parameter[], withValues: boolean) {
  if (parameters.length === 0) throw invalidValue('The parameter Parameters must be provided.');
  if (parameters.length > mostAtOnce)
    throw invalidValue(`At most ${mostAtOnce} parameters can be changed in one request`);
  return parameters.map(({ ParameterName, ParameterValue = '', ApplyMethod }) => {
    const parameter = definition(row, ParameterName);
    if (ApplyMethod === 'immediate' && parameter.type === 'static') {
      throw invalidCombination(`cannot use immediate apply method for static parameter: ${parameter.name}`);
    }
    if (withValues && !isAllowed(parameter, ParameterValue)) {
      throw invalidValue(
        `Invalid parameter value: ${ParameterValue} for: ${parameter.name} allowed values are: ${parameter.allowed}`,
      );
    }
    const method: Method = ApplyMethod === 'immediate' ? 'immediate' : 'pending-reboot';
    return { name: parameter.name, value: ParameterValue, method };
  });
}

function definition(row: ParameterGroupRow, name: string | undefined): ParameterDefinition {
  const found = parametersOf(row.family).find((one) => one.name === name);
  if (found === undefined) throw invalidValue(`Could not find parameter with name: ${name}`);
  return found;
}

const methodFor = ({ type }: ParameterDefinition): Method => (type === 'dynamic' ? 'immediate' : 'pending-reboot');
