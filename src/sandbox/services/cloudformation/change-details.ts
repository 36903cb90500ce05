/** A planned change as DescribeChangeSet shows it. */

import type { PolicyAction, ResourceChange, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import type { ChangeDetail, PlannedChange } from '../../cloudformation/changes.ts';
import type { Json, JsonObject } from '../../cloudformation/json.ts';
import { mapTexts } from '../../cloudformation/json.ts';

/** `hidden` are values that must not be shown (NoEcho parameters). */
export function shownChange(change: PlannedChange, withValues: boolean, hidden: readonly string[]): ResourceChange {
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
    Details: details.map((detail) => shownDetail(detail, withValues, hidden)),
    ...(withValues && before !== undefined ? { BeforeContext: contextOf(before, hidden) } : {}),
    ...(withValues && after !== undefined ? { AfterContext: contextOf(after, hidden) } : {}),
  };
}

function shownDetail(detail: ChangeDetail, withValues: boolean, hidden: readonly string[]): ResourceChangeDetail {
  const { attribute, name, recreation, known, before, after } = detail;
  const shown = (value: Json): string => {
    const masked = mask(value, hidden);
    return typeof masked === 'string' ? masked : JSON.stringify(masked);
  };
  return {
    Target: {
      Attribute: name === 'Tags' ? 'Tags' : attribute,
      ...(name === undefined || name === 'Tags' ? {} : { Name: name, Path: `/Properties/${name}` }),
      RequiresRecreation: recreation,
      ...(withValues && before !== undefined ? { BeforeValue: shown(before) } : {}),
      ...(withValues && after !== undefined ? { AfterValue: shown(after) } : {}),
    },
    Evaluation: known ? 'Static' : 'Dynamic',
    ChangeSource: known ? 'DirectModification' : 'ResourceReference',
  };
}

const contextOf = (properties: JsonObject, hidden: readonly string[]): string =>
  JSON.stringify({ Properties: mask(properties, hidden) });

const mask = (value: Json, hidden: readonly string[]): Json =>
  mapTexts(value, (text) =>
    hidden.reduce((masked, secret) => (secret === '' ? masked : masked.replaceAll(secret, '****')), text),
  );

function policyActionOf({ action, fate, replacement }: PlannedChange): PolicyAction | undefined {
  if (fate === undefined) return undefined;
  const kept = fate === 'RetainExceptOnCreate' ? 'Retain' : fate;
  if (action === 'Remove') return kept;
  if (replacement === undefined || replacement === 'False') return undefined;
  return `ReplaceAnd${kept}`;
}
