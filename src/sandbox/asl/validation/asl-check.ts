/**
 * asl-validator's judgement of the schema. It is given a copy in which what it misreads is replaced: JSONata templates (it refuses
 * empty strings, literals in Output, constant conditions and expressions of several lines) and the templates of JSONPath states stay out, our own checks
 * having read them.
 */

import validator from 'asl-validator';
import type { MachineDefinition } from '../definition.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { expressionIn } from '../jsonata.ts';
import { type Problem, schemaProblem } from './problem.ts';
import type { Place } from './walk.ts';

export function aslCheck(definition: MachineDefinition, places: readonly Place[]): Problem[] {
  const copy = cleaned(definition as unknown as Json, '') as JsonObject;
  const { errors } = validator(copy, { checkPaths: false, checkArn: false });
  return errors.map(({ 'Error code': code, Message, schemaError }) => {
    const message = Message.replace(/^State machine \w+ is/, 'The state machine is');
    const location = located(schemaError?.instancePath ?? stateIn(message, places));
    return code === 'SCHEMA_VALIDATION_FAILED'
      ? schemaProblem(message, location)
      : { code: code ?? 'SCHEMA_VALIDATION_FAILED', message, location };
  });
}

/** The validator names states in its messages, and puts indexes where AWS has them in brackets. */
const stateIn = (message: string, places: readonly Place[]): string =>
  places.find(({ name }) => message.includes(`"${name}"`))?.path ?? '/States';

const located = (pointer: string): string =>
  pointer
    .replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~') || '/';

const templates = ['Arguments', 'Output', 'Assign', 'ItemSelector', 'Items', 'Parameters', 'ResultSelector', 'Result'];

function cleaned(value: Json, field: string): Json {
  if (field === 'Condition' && typeof value === 'boolean') return '{% 1 %}';
  if (typeof value === 'string') return expressionIn(value) === undefined ? value : '{% 1 %}';
  if (Array.isArray(value)) return value.map((item) => cleaned(item, field));
  if (!isObject(value)) return value;
  const isState = typeof value.Type === 'string';
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([name]) =>
          field === 'States' || !(templates.includes(name) && (isState || field === 'Choices' || field === 'Catch')),
      )
      .map(([name, inner]) => [name, cleaned(inner, name)]),
  );
}
