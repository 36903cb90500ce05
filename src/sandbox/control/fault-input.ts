/** Faults as people write them: a kind and its parameters, from a command line (all text) or a scenario (typed), held against the schema. */

import { z } from 'zod';
import { usageError } from '../../kernel/errors.ts';
import { checkCalls } from '../faults/calls.ts';
import { checkPlaces } from '../faults/places.ts';
import { type FaultKind, type FaultSpec, faultKinds, faultSchema } from '../faults/specs.ts';
import { apiOf, servicesOnTheWire } from '../protocols/api.ts';

export interface FaultParameter {
  readonly name: string;
  readonly type: 'text' | 'number' | 'whole number';
  readonly required: boolean;
  readonly default?: string | number;
  readonly least?: number;
  readonly most?: number;
}

export interface FaultKindDescription {
  readonly kind: FaultKind;
  readonly does: string;
  readonly parameters: readonly FaultParameter[];
}

/** What a reader should know before raising it. */
const does: Record<FaultKind, string> = {
  dark: 'kills every process of a Region; everything addressed to it hangs until it is lifted',
  partition: 'loses packets from one place to another; the way back stays open',
  latency: 'delays packets from one place to another by so many AWS ms, one way',
  'replication-lag': 'lets replicas in a Region apply what they receive so many AWS s late',
  'broken-replica': "puts a row that shouldn't be there into replicas of a Region: they stop applying",
  'dead-database': "kills database servers of a Region that aren't replicas; they don't start until it is lifted",
  throttle: "refuses calls with the service's throttling error",
  'api-error': 'fails calls with an error code',
  'slow-api': 'answers calls so many AWS ms late',
  'no-capacity': 'fails launches with InsufficientInstanceCapacity, of one type or all, in one zone or all',
  'not-offered': 'takes an instance type or a database class out of what a Region, or a zone of it, offers',
  'stale-image': 'fails copies of images into a Region',
  'broken-image': 'lets instances launched in a Region run without ever answering',
  'dropped-events': "doesn't deliver events put in a Region",
  'doubled-events': 'delivers events put in a Region twice',
  'killed-function': "kills a function's process so many AWS ms into its invocations, or into every so manieth",
  'lost-task': "lets a state machine's task do its work, and loses its answer",
  'global-control-plane-down': 'refuses changes of IAM, Route 53 and bucket configuration, which stand in us-east-1',
};

export const faultDescriptions = (): FaultKindDescription[] =>
  faultKinds.map((kind) => ({ kind, does: does[kind], parameters: parametersOf(kind) }));

/** @throws one usage error that says what is wrong, and what the kind takes. Places are checked against the sandbox's. */
export function parseFault(given: Readonly<Record<string, unknown>>, regions: readonly string[]): FaultSpec {
  const kind = faultKinds.find((known) => known === given.kind);
  if (kind === undefined) {
    throw usageError('There is no such kind of fault.', { given: given.kind, allowed: faultKinds.join(', ') });
  }
  const parameters = parametersOf(kind);
  const takes = parameters.length === 0 ? 'no parameters' : parameters.map(signature).join(', ');
  const typed = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typedValue(
        value,
        parameters.find((parameter) => parameter.name === name),
      ),
    ]),
  );
  const parsed = faultSchema.safeParse(typed);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ');
    const { kind: _kind, ...parametersGiven } = given;
    throw usageError(`The fault ${kind} isn't valid: ${problems}.`, { given: parametersGiven, allowed: takes });
  }
  checkPlaces(parsed.data, regions);
  return parsed.data;
}

/** Before there is a sandbox to ask: @throws a usage error for a service or an operation that AWS itself doesn't have. */
export async function checkFaultCalls(spec: FaultSpec): Promise<void> {
  const { service, operation } = spec as { readonly service?: string; readonly operation?: string };
  if (service === undefined && operation === undefined) return;
  const asked = servicesOnTheWire.filter((name) => operation !== undefined && (service ?? name) === name);
  const apis = await Promise.all(asked.map(async (name) => [name, (await apiOf(name)).operations.keys()] as const));
  const known = new Map<string, Iterable<string>>(servicesOnTheWire.map((name) => [name, []]));
  checkCalls(spec, new Map([...known, ...apis.map(([name, names]): [string, string[]] => [name, [...names]])]));
}

/** `milliseconds=1…600000`, `[share=1]`, `[service=…]`: in brackets what may be left out. */
export function signature({ name, required, default: usual, least, most }: FaultParameter): string {
  const range = least !== undefined && most !== undefined ? `${least}…${most}` : '…';
  return required ? `${name}=${range}` : `[${name}=${usual ?? '…'}]`;
}

/** A command line knows text only. */
function typedValue(value: unknown, parameter: FaultParameter | undefined): unknown {
  if (typeof value !== 'string' || value.trim() === '' || parameter === undefined || parameter.type === 'text')
    return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : number;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonProperty>>;
  readonly required?: readonly string[];
}

interface JsonProperty {
  readonly type?: string;
  readonly default?: string | number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

function parametersOf(kind: FaultKind): FaultParameter[] {
  const option = faultSchema.options.find(({ shape }) => shape.kind.value === kind);
  if (option === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(option, { io: 'input' }) as JsonSchema;
  return Object.entries(properties)
    .filter(([name]) => name !== 'kind')
    .map(([name, { type, default: usual, minimum, exclusiveMinimum, maximum }]) => {
      const least = minimum ?? exclusiveMinimum;
      return {
        name,
        type: type === 'integer' ? 'whole number' : type === 'number' ? 'number' : 'text',
        required: required.includes(name),
        ...(usual === undefined ? {} : { default: usual }),
        ...(least === undefined ? {} : { least }),
        ...(maximum === undefined ? {} : { most: maximum }),
      };
    });
}
