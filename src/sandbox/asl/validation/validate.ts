/**
 * Whether a definition can be run here. asl-validator judges the schema; expressions, references, names, retries, and what the sandbox
 * doesn't support are judged by our own checks.
 */

import type { MachineDefinition } from '../definition.ts';
import { isObject, textSize } from '../json.ts';
import { aslCheck } from './asl-check.ts';
import { choiceProblems } from './choices.ts';
import { expressionProblems } from './expressions.ts';
import { type Problem, schemaProblem } from './problem.ts';
import { retryProblems } from './retries.ts';
import { machineProblems, structureProblems } from './structure.ts';
import { supportProblems } from './support.ts';
import { reachProblems, transitionProblems } from './transitions.ts';
import { variableProblems } from './variables.ts';
import { type Place, placesOf } from './walk.ts';

export type Validated =
  | { readonly definition: MachineDefinition; readonly problems: readonly [] }
  | { readonly definition: undefined; readonly problems: readonly Problem[] };

/** Bytes. Source: Step Functions quotas. */
const largestDefinition = 1_048_576;

export function validateDefinition(text: string): Validated {
  const failed = (problems: readonly Problem[]): Validated => ({ definition: undefined, problems });
  if (textSize(text) > largestDefinition) {
    return failed([schemaProblem(`The definition is longer than ${largestDefinition} bytes`, '/')]);
  }
  if (text.trim() === '') return failed([schemaProblem('Definition must be a valid JSON object', '')]);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return failed([
      {
        code: 'INVALID_JSON_DESCRIPTION',
        message: error instanceof Error ? error.message : String(error),
        location: '/',
      },
    ]);
  }
  const missing = shapeProblems(parsed);
  if (missing.length > 0) return failed(missing);
  const definition = parsed as MachineDefinition;
  const places = [...placesOf(definition, definition.QueryLanguage ?? 'JSONPath')];
  const problems = [
    ...places.flatMap((place) => [
      ...supportProblems(place),
      ...structureProblems(place),
      ...choiceProblems(place),
      ...transitionProblems(place),
      ...retryProblems(place),
      ...expressionProblems(place),
    ]),
    ...machineProblems(definition),
    ...startProblems(definition),
    ...reachProblems(places),
    ...variableProblems(places),
    ...languageProblems(definition, places),
    ...nameProblems(places),
  ];
  if (problems.length > 0) return failed(problems);
  const judged = aslCheck(definition, places);
  return judged.length > 0 ? failed(judged) : { definition, problems: [] };
}

/** As AWS words it: `SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /`. */
export const wordsOf = (problems: readonly Problem[]): string =>
  problems
    .map(({ code, message, location }) => `${code}: ${message}${location === '' ? '' : ` at ${location}`}`)
    .join(', ');

/** In the order in which AWS lists them. */
const types = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'];

/** What the other checks rely on: objects where objects belong, and known state types. */
function shapeProblems(value: unknown, path = ''): Problem[] {
  if (!isObject(value)) return [schemaProblem('A set of states must be an object', path || '/')];
  const absent = ['States', 'StartAt'].filter((field) => value[field] === undefined);
  if (absent.length > 0) return [schemaProblem(`These fields are required: [${absent.join(', ')}]`, path || '/')];
  if (!isObject(value.States)) return [schemaProblem('States must be an object', `${path}/States`)];
  if (value.QueryLanguage !== undefined && value.QueryLanguage !== 'JSONata' && value.QueryLanguage !== 'JSONPath') {
    return [
      schemaProblem(
        "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]",
        `${path}/QueryLanguage`,
      ),
    ];
  }
  return Object.entries(value.States).flatMap(([name, state]) => {
    const at = `${path}/States/${name}`;
    if (!isObject(state)) return [schemaProblem('A state must be an object', at)];
    const { Type, Branches, ItemProcessor, Iterator: old, Retry, Catch, Choices } = state;
    if (typeof Type !== 'string' || !types.includes(Type)) {
      return [schemaProblem(`The field 'Type' should have one of these values: [${types.join(', ')}]`, `${at}/Type`)];
    }
    const unlisted = Object.entries({ Retry, Catch, Choices, Branches }).filter(
      ([, list]) => list !== undefined && !(Array.isArray(list) && list.every(isObject)),
    );
    if (unlisted.length > 0) {
      return unlisted.map(([field]) => schemaProblem(`${field} must be an array of objects`, `${at}/${field}`));
    }
    const processor = ItemProcessor ?? old;
    if (Type === 'Map' && processor === undefined)
      return [schemaProblem('These fields are required: [ItemProcessor]', at)];
    return [
      ...(Array.isArray(Branches) ? Branches : []).flatMap((branch, index) =>
        shapeProblems(branch, `${at}/Branches[${index}]`),
      ),
      ...(processor === undefined ? [] : shapeProblems(processor, `${at}/ItemProcessor`)),
    ];
  });
}

const startProblems = ({ StartAt, States }: MachineDefinition): Problem[] =>
  StartAt in States
    ? []
    : [{ code: 'MISSING_TRANSITION_TARGET', message: `Missing 'StartAt' target: ${StartAt}`, location: '/StartAt' }];

const languageProblems = ({ QueryLanguage }: MachineDefinition, places: readonly Place[]): Problem[] =>
  places
    .filter(({ state }) => QueryLanguage === 'JSONata' && state.QueryLanguage === 'JSONPath')
    .map(({ path }) =>
      schemaProblem("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", path),
    );

/** State names have at most 80 characters and are unique in the whole machine. */
function nameProblems(places: readonly { readonly name: string; readonly path: string }[]): Problem[] {
  const seen = new Set<string>();
  return places.flatMap(({ name, path }) => {
    if (name.length > 80) return [schemaProblem('A state name has at most 80 characters', path)];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ code: 'DUPLICATE_STATE_NAME', message: `Duplicate State name: ${name}`, location: path }];
  });
}
