/** JSONata in state machines: strings between `{%` and `%}`, anywhere in nested JSON. */

import jsonata from 'jsonata';
import { occurred, StatesError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { plain } from './json.ts';
import { awsFunctions, type FunctionHost } from './jsonata-functions.ts';

export interface JsonataScope {
  /** `$states`. */
  readonly states: JsonObject;
  readonly variables: JsonObject;
  readonly host: FunctionHost;
  /** For messages: the state and the event that entered it. */
  readonly state: string;
  readonly enteredEvent: number;
}

/** The expression inside `{% … %}`; undefined for any other string. */
export function expressionIn(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.startsWith('{%') && trimmed.endsWith('%}') ? trimmed.slice(2, -2).trim() : undefined;
}

/** The value of `template` with every expression in it replaced by what it evaluates to. `field` names it in errors. */
export async function evaluateTemplate(template: Json, field: string, scope: JsonataScope): Promise<Json> {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    return expression === undefined ? template : evaluate(expression, field, scope);
  }
  if (Array.isArray(template)) {
    return Promise.all(template.map((item, index) => evaluateTemplate(item, `${field}[${index}]`, scope)));
  }
  if (typeof template === 'object' && template !== null) {
    const entries = Object.entries(template).map(
      async ([name, value]) => [name, await evaluateTemplate(value, `${field}/${name}`, scope)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }
  return template;
}

/** Parses without evaluating. Throws what jsonata throws. */
export function compileExpression(expression: string): jsonata.Expression {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  const parsed = jsonata(expression, { timeout: longestEvaluation, stack: 1000 });
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(expression, parsed);
  return parsed;
}

const compiled = new Map<string, jsonata.Expression>();
const mostCompiled = 1000;
/** Real milliseconds: an endless recursion must not hold the sandbox up for good. */
const longestEvaluation = 30_000;

async function evaluate(expression: string, field: string, scope: JsonataScope): Promise<Json> {
  const failed = (what: string): StatesError =>
    new StatesError(
      'States.QueryEvaluationError',
      `${occurred(scope.state, scope.enteredEvent)} The JSONata expression '${expression}' specified for the field '${field}' ${what}`,
      { location: field },
    );
  let value: unknown;
  try {
    const bindings = { ...awsFunctions(scope.host), ...scope.variables, states: scope.states };
    value = await compileExpression(expression).evaluate(undefined, bindings);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    throw failed(
      `threw an error during evaluation. ${code === undefined ? '' : `${code}: `}${message ?? String(error)}`,
    );
  }
  if (value === undefined) throw failed('returned nothing (undefined).');
  if (typeof value === 'function' || (typeof value === 'object' && value !== null && '_jsonata_lambda' in value)) {
    throw failed("returned an unexpected result type. Expected a JSON value, but was 'function'");
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw failed(`returned an unexpected result type. Expected a JSON value, but was ${value}`);
  }
  return plain(value);
}
