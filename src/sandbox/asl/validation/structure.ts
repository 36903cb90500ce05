/**
 * The fields of states: known to their type, of the right kind, there where they must be.
 *
 * Sources: the Amazon States Language specification; AWS's words as deployments report them: "The field 'Type' should have one of these
 * values: […] at /States/X/Type" (localstack's snapshots), "Field 'x' is not supported at /States/X", "These fields are required: […]".
 */

import type { MachineDefinition } from '../definition.ts';
import { fieldsOf } from '../fields.ts';
import { expressionIn } from '../jsonata.ts';
import { type Problem, schemaProblem } from './problem.ts';
import { refusedFields } from './support.ts';
import type { Place } from './walk.ts';

export function structureProblems(place: Place): Problem[] {
  const checks = [unknownFields, missingFields, wrongKinds, endings, alternatives, heartbeats, catchersAndRetriers];
  return checks.flatMap((check) => check(place));
}

/** Of the machine itself. */
export function machineProblems(machine: MachineDefinition): Problem[] {
  const unknown = Object.keys(machine).filter((name) => !machineFields.has(name));
  return [
    ...unknown.map((name) => schemaProblem(notSupported(name), '/')),
    ...kindProblems(machine as unknown as Fields, '', 'JSONPath'),
  ];
}

const machineFields = new Set(['Comment', 'StartAt', 'States', 'Version', 'TimeoutSeconds', 'QueryLanguage']);
const notSupported = (name: string): string => `Field '${name}' is not supported`;

type Fields = Readonly<Record<string, unknown>>;

const fieldsIn = ({ state }: Place): Fields => state as unknown as Fields;

function unknownFields(place: Place): Problem[] {
  const { both, jsonata, jsonpath } = fieldsOf[place.state.Type];
  const known = new Set([...both, ...jsonata, ...jsonpath, ...Object.keys(refusedFields), 'Label']);
  return Object.keys(place.state)
    .filter((name) => !known.has(name))
    .map((name) => schemaProblem(notSupported(name), place.path));
}

const required: Partial<Record<Place['state']['Type'], readonly string[]>> = {
  Task: ['Resource'],
  Choice: ['Choices'],
  Parallel: ['Branches'],
};

function missingFields(place: Place): Problem[] {
  const { Type } = place.state;
  const fields = fieldsIn(place);
  const absent = (required[Type] ?? []).filter((name) => fields[name] === undefined);
  const empty = ['Choices', 'Branches'].filter((name) => Array.isArray(fields[name]) && fields[name].length === 0);
  return [
    ...(absent.length === 0 ? [] : [schemaProblem(`These fields are required: [${absent.join(', ')}]`, place.path)]),
    ...empty.map((name) => schemaProblem(`The field '${name}' should be non-empty`, `${place.path}/${name}`)),
  ];
}

/** What a value must be, in AWS's words, or undefined when it is. */
type Kind = (value: unknown) => string | undefined;

const text: Kind = (value) => (typeof value === 'string' ? undefined : 'Expected value of type String');
const path: Kind = (value) => (value === null ? undefined : text(value));
const whole =
  (least: number): Kind =>
  (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return 'Expected value of type Integer';
    return value >= least && value <= 99_999_999 ? undefined : `Expected a value from ${least} to 99999999`;
  };

const kinds: Readonly<Record<string, Kind>> = {
  Comment: text,
  StartAt: text,
  Version: text,
  Next: text,
  Default: text,
  Resource: text,
  Timestamp: text,
  Error: text,
  Cause: text,
  InputPath: path,
  OutputPath: path,
  ResultPath: path,
  ItemsPath: text,
  SecondsPath: text,
  TimestampPath: text,
  TimeoutSecondsPath: text,
  HeartbeatSecondsPath: text,
  MaxConcurrencyPath: text,
  ErrorPath: text,
  CausePath: text,
  Items: (value) => (Array.isArray(value) ? undefined : 'Expected value of type Array'),
  Seconds: whole(0),
  TimeoutSeconds: whole(1),
  HeartbeatSeconds: whole(1),
  MaxConcurrency: whole(0),
  End: (value) => (value === true ? undefined : "The field 'End' should have one of these values: [true]"),
};

const wrongKinds = (place: Place): Problem[] => kindProblems(fieldsIn(place), place.path, place.language);

function kindProblems(fields: Fields, at: string, language: string): Problem[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const isExpression = language === 'JSONata' && typeof value === 'string' && expressionIn(value) !== undefined;
    const problem = isExpression || value === undefined ? undefined : kinds[name]?.(value);
    return problem === undefined ? [] : [schemaProblem(problem, `${at}/${name}`)];
  });
}

function endings(place: Place): Problem[] {
  const { Type, Next, End } = place.state;
  if (Type === 'Choice' || Type === 'Succeed' || Type === 'Fail') return [];
  if (Next === undefined && End === undefined) {
    return [schemaProblem('One of these fields is required: [Next, End]', place.path)];
  }
  return Next !== undefined && End !== undefined
    ? [schemaProblem('Only one of these fields is allowed: [Next, End]', place.path)]
    : [];
}

/** [type, fields of which there is one, whether there must be]. */
const choices: readonly (readonly [Place['state']['Type'], readonly string[], must: boolean])[] = [
  ['Wait', ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'], true],
  ['Fail', ['Error', 'ErrorPath'], false],
  ['Fail', ['Cause', 'CausePath'], false],
  ['Map', ['ItemProcessor', 'Iterator'], true],
  ['Map', ['MaxConcurrency', 'MaxConcurrencyPath'], false],
  ['Task', ['TimeoutSeconds', 'TimeoutSecondsPath'], false],
  ['Task', ['HeartbeatSeconds', 'HeartbeatSecondsPath'], false],
];

function alternatives(place: Place): Problem[] {
  const fields = fieldsIn(place);
  return choices
    .filter(([type]) => type === place.state.Type)
    .flatMap(([, names, must]) => {
      const given = names.filter((name) => fields[name] !== undefined).length;
      const list = `[${names.join(', ')}]`;
      if (given > 1) return [schemaProblem(`Only one of these fields is allowed: ${list}`, place.path)];
      return must && given === 0 ? [schemaProblem(`One of these fields is required: ${list}`, place.path)] : [];
    });
}

function heartbeats({ state: { TimeoutSeconds, HeartbeatSeconds }, path: at }: Place): Problem[] {
  if (typeof TimeoutSeconds !== 'number' || typeof HeartbeatSeconds !== 'number') return [];
  return HeartbeatSeconds < TimeoutSeconds
    ? []
    : [schemaProblem('HeartbeatSeconds must be smaller than TimeoutSeconds', `${at}/HeartbeatSeconds`)];
}

const retrierFields = new Set(
  'ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy Comment'.split(' '),
);
const catcherFields = new Set('ErrorEquals Next ResultPath Assign Output Comment'.split(' '));

function catchersAndRetriers({ state: { Retry = [], Catch = [] }, path: at }: Place): Problem[] {
  const unknown = (list: readonly object[], known: ReadonlySet<string>, name: string): Problem[] =>
    list.flatMap((one, index) =>
      Object.keys(one)
        .filter((field) => !known.has(field))
        .map((field) => schemaProblem(notSupported(field), `${at}/${name}[${index}]`)),
    );
  return [...unknown(Retry, retrierFields, 'Retry'), ...unknown(Catch, catcherFields, 'Catch')];
}
