/** A planned change as DescribeChangeSet shows it. */

import type { PolicyAction, ResourceChange, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import type { ChangeDetail, PlannedChange } from '../../cloudformation/changes.ts';
import type { Json, JsonObject } from '../../cloudformation/json.ts';
import type { ParameterValue } from '../../cloudformation/parameters.ts';
import { withoutHidden } from '../../cloudformation/parameters.ts';

/** Values of NoEcho parameters are masked. */
export function shownChange(
  change: PlannedChange,
  withValues: boolean,
  parameters: readonly ParameterValue[],
  live?: Readonly<Record<string, JsonObject>>,
): ResourceChange {
  const { action, logicalId, physicalId, type, replacement, details, before, after } = change;
  const policyAction = policyActionOf(change);
  return {
    Action: action,
    LogicalResourceId: logicalId,
    ...(physicalId === undefined ? {} : { PhysicalResourceId: physicalId }),
    ResourceType: type,
    ...(replacement === undefined ? {} : { Replacement: replacement }),
    ...(policyAction === undefined ? {} : { PolicyAction: policyAction }),
    Scope: [...new Set(details.map(({ attribute, name }) => (name === 'Tags' ? 'Tags' : attribute)))],
    Details: details.map((detail) => shownDetail(detail, withValues, parameters, live !== undefined)),
    ...(live?.[logicalId] === undefined ? {} : { ResourceDriftStatus: 'MODIFIED' as const }),
    ...(withValues && before !== undefined ? { BeforeContext: contextOf(before, parameters) } : {}),
    ...(withValues && after !== undefined ? { AfterContext: contextOf(after, parameters) } : {}),
  };
}

function shownDetail(
  detail: ChangeDetail,
  withValues: boolean,
  parameters: readonly ParameterValue[],
  driftAware: boolean,
): ResourceChangeDetail {
  const { attribute, name, recreation, known, before, after } = detail;
  const shown = (value: Json): string => {
    const masked = withoutHidden(value, parameters);
    return typeof masked === 'string' ? masked : JSON.stringify(masked);
  };
  return {
    Target: {
      Attribute: name === 'Tags' ? 'Tags' : attribute,
      ...(name === undefined || name === 'Tags' ? {} : { Name: name, Path: `/Properties/${name}` }),
      RequiresRecreation: recreation,
      ...(driftAware ? { BeforeValueFrom: 'ACTUAL_STATE' as const, AfterValueFrom: 'TEMPLATE' as const } : {}),
      ...(withValues && before !== undefined ? { BeforeValue: shown(before) } : {}),
      ...(withValues && after !== undefined ? { AfterValue: shown(after) } : {}),
    },
    Evaluation: known ? 'Static' : 'Dynamic',
    ChangeSource: known ? 'DirectModification' : 'ResourceReference',
  };
}

const contextOf = (properties: JsonObject, parameters: readonly ParameterValue[]): string =>
  JSON.stringify({ Properties: withoutHidden(properties, parameters) });

function policyActionOf({ action, fate, replacement }: PlannedChange): PolicyAction | undefined {
  if (fate === undefined) return undefined;
  const kept = fate === 'RetainExceptOnCreate' ? 'Retain' : fate;
  if (action === 'Remove') return kept;
  if (replacement === undefined || replacement === 'False') return undefined;
  return `ReplaceAnd${kept}`;
}
