/**
 * Templates as they would be deployed in one role: conditions decided, parameters and intrinsic functions resolved as far as a template
 * alone tells. What only a deployment knows (an attribute, an import) stays as it is written, so that nobody takes a guess for a fact.
 */

import type { Side } from '../workload/judged.ts';

/** What a Region is doing: it serves, or it waits. */
export type Role = 'active' | 'standby';

export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type?: string; readonly Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, RawResource>>;
}

interface RawResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A template with where it is deployed. A `witness` is a Region that is neither of the two. */
export interface DeployedTemplate {
  readonly stack: string;
  readonly region: string;
  readonly side: Side | 'witness';
  readonly template: Template;
}

export interface Resource {
  readonly id: string;
  readonly stack: string;
  readonly region: string;
  readonly side: Side | 'witness';
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The resources that exist when the Region's role parameter says `role`. */
export function resourcesOf(deployed: DeployedTemplate, role: Role, roleParameter: string): Resource[] {
  const { template, stack, region, side } = deployed;
  const resolve = resolver(deployed, role, roleParameter);
  return Object.entries(template.Resources ?? {})
    .filter(([, { Condition }]) => Condition === undefined || resolve({ Condition }) === true)
    .map(([id, { Type, Properties = {} }]) => ({
      id,
      stack,
      region,
      side,
      type: Type,
      properties: resolve(Properties) as Record<string, unknown>,
    }));
}

/** The logical id that a value refers to, in the same stack. */
export function referredTo(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('Ref' in value && typeof value.Ref === 'string') return value.Ref;
  const attribute = (value as { 'Fn::GetAtt'?: unknown })['Fn::GetAtt'];
  const [id] = typeof attribute === 'string' ? attribute.split('.') : list(attribute);
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** Marks what a role takes away (`AWS::NoValue`). */
const nothing = Symbol('AWS::NoValue');

type Resolve = (value: unknown) => unknown;

function resolver({ template, stack, region }: DeployedTemplate, role: Role, roleParameter: string): Resolve {
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack,
    'AWS::NoValue': nothing,
  };
  const parameter = (name: string): unknown => {
    const declared = template.Parameters?.[name];
    if (declared === undefined) return undefined;
    return declared.Default === roleParameter ? role : declared.Default;
  };
  const functions: Readonly<Record<string, (argument: unknown) => unknown>> = {
    Ref: (name) => pseudo[String(name)] ?? parameter(String(name)),
    Condition: (name) => resolve(template.Conditions?.[String(name)]),
    'Fn::Equals': (pair) => {
      const [left, right] = list(pair).map(resolve);
      return JSON.stringify(left) === JSON.stringify(right);
    },
    'Fn::Not': (one) => resolve(list(one)[0]) !== true,
    'Fn::And': (all) => list(all).every((one) => resolve(one) === true),
    'Fn::Or': (any) => list(any).some((one) => resolve(one) === true),
    'Fn::If': (choice) => {
      const [condition, then, otherwise] = list(choice);
      return resolve(resolve({ Condition: condition }) === true ? then : otherwise);
    },
    'Fn::Join': (argument) => {
      const [separator, parts] = list(argument);
      const resolved = list(parts).map(resolve);
      // What can't be told is left out of a text: enough of it remains to find states and names in.
      return resolved.map((part) => (isPlain(part) ? String(part) : '')).join(String(separator));
    },
    'Fn::Sub': (argument) => {
      const [text, given] = typeof argument === 'string' ? [argument, {}] : list(argument);
      return String(text).replaceAll(/\$\{([\w:]+)\}/g, (whole, name: string) => {
        const value = (given as Record<string, unknown>)[name];
        const found = value === undefined ? (pseudo[name] ?? parameter(name)) : resolve(value);
        return typeof found === 'string' || typeof found === 'number' ? String(found) : whole;
      });
    },
    'Fn::FindInMap': (argument) => {
      const [map, first, second] = list(argument).map(resolve);
      return template.Mappings?.[String(map)]?.[String(first)]?.[String(second)];
    },
    'Fn::Select': (argument) => {
      const [index, from] = list(argument).map(resolve);
      return Array.isArray(from) ? from[Number(index)] : undefined;
    },
  };
  const resolve: Resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== nothing);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    const known = entries.length === 1 && only !== undefined ? functions[only[0]] : undefined;
    if (known !== undefined) return known(only?.[1]) ?? value;
    return Object.fromEntries(
      entries.map(([key, inner]) => [key, resolve(inner)]).filter(([, inner]) => inner !== nothing),
    );
  };
  return resolve;
}

const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
