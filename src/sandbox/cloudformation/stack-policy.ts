/** Stack policies: which updates of which logical ids are allowed. Without a matching Allow an update is denied; Deny wins. */

import { validationError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { asText, isObject } from './json.ts';
import { listOf, objectOf } from './resource-type.ts';

export type StackAction = 'Update:Modify' | 'Update:Replace' | 'Update:Delete';

/** Raises ValidationError for a text that isn't a stack policy. */
export function checkStackPolicy(text: string): void {
  for (const statement of statementsOf(text)) {
    const extra = Object.keys(statement).filter((key) => !members.has(key));
    if (extra.length > 0 || !['Allow', 'Deny'].includes(asText(statement.Effect))) {
      throw validationError(`Error validating stack policy: Invalid stack policy (${extra.join(', ') || 'Effect'})`);
    }
  }
}

/** Why the policy refuses, in AWS's words; undefined when it allows. */
export function deniedBy(
  policy: string | undefined,
  action: StackAction,
  logicalId: string,
  resourceType: string,
): string | undefined {
  if (policy === undefined) return undefined;
  const refusal = (statement: string): string =>
    `Action denied by stack policy: ${statement} for resource [LogicalResourceId/${logicalId}]`;
  let allowed = false;
  for (const [index, statement] of statementsOf(policy).entries()) {
    if (!applies(statement, action, logicalId, resourceType)) continue;
    if (statement.Effect === 'Deny') return refusal(`Statement [#${index + 1}] does not allow [${action}]`);
    allowed = true;
  }
  return allowed ? undefined : refusal(`No statement allows [${action}]`);
}

const members = new Set(['Sid', 'Effect', 'Action', 'NotAction', 'Principal', 'Resource', 'NotResource', 'Condition']);

function statementsOf(text: string): JsonObject[] {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw validationError('Error validating stack policy: Invalid JSON');
  }
  const statement = isObject(policy) ? policy.Statement : undefined;
  if (statement === undefined) throw validationError('Error validating stack policy: Invalid stack policy');
  return (Array.isArray(statement) ? (statement as Json[]) : [statement]).map(objectOf);
}

function applies(statement: JsonObject, action: StackAction, logicalId: string, resourceType: string): boolean {
  const { Action, NotAction, Resource, NotResource } = statement;
  const resource = `LogicalResourceId/${logicalId}`;
  const actionMatches = NotAction === undefined ? matchesAny(Action, action) : !matchesAny(NotAction, action);
  const resourceMatches =
    NotResource === undefined
      ? Resource === undefined || matchesAny(Resource, resource)
      : !matchesAny(NotResource, resource);
  return actionMatches && resourceMatches && typeMatches(objectOf(statement.Condition), resourceType);
}

function typeMatches(condition: JsonObject, resourceType: string): boolean {
  return Object.entries(condition).every(([operator, keys]) => {
    const wanted = objectOf(keys).ResourceType;
    if (operator === 'StringEquals') return oneOrMany(wanted).includes(resourceType);
    if (operator === 'StringLike') return matchesAny(wanted, resourceType);
    throw validationError(`Error validating stack policy: unsupported condition ${operator}`);
  });
}

const oneOrMany = (value: Json | undefined): string[] =>
  (Array.isArray(value) ? listOf(value) : value === undefined ? [] : [value]).map(String);

const matchesAny = (patterns: Json | undefined, value: string): boolean =>
  oneOrMany(patterns).some((pattern) =>
    new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    ).test(value),
  );
