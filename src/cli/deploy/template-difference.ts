/** The difference between two templates, down to properties. What a change set adds to it: replacement, and values that are only known to AWS. */

import type { PropertyChange, ResourcePlan } from './stack-plan.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly Condition?: string;
  readonly [other: string]: unknown;
}

export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value?: unknown; readonly [other: string]: unknown }>>;
  readonly [other: string]: unknown;
}

export function templateDifference(before: Template, after: Template): ResourcePlan[] {
  const old = before.Resources ?? {};
  const next = after.Resources ?? {};
  const added = Object.entries(next).flatMap(([logicalId, resource]): ResourcePlan[] => {
    const stood = old[logicalId];
    if (stood === undefined || stood.Type !== resource.Type)
      return [{ logicalId, type: resource.Type, action: 'add', properties: [], ...contents(undefined, resource) }];
    const properties = differences(stood.Properties ?? {}, resource.Properties ?? {});
    if (properties.length === 0) return [];
    return [{ logicalId, type: resource.Type, action: 'change', properties, ...contents(stood, resource) }];
  });
  const removed = Object.entries(old).flatMap(([logicalId, resource]): ResourcePlan[] =>
    next[logicalId]?.Type === resource.Type
      ? []
      : [
          {
            logicalId,
            type: resource.Type,
            action: 'remove',
            kept: (resource.DeletionPolicy ?? 'Delete').startsWith('Retain'),
            properties: [],
            ...contents(resource, undefined),
          },
        ],
  );
  return [...added, ...removed];
}

/** Where two values differ: the deepest places of objects; lists of the same length by element, others as a whole. */
export function differences(before: unknown, after: unknown, path = ''): PropertyChange[] {
  if (same(before, after)) return [];
  if (isObject(before) && isObject(after) && !isIntrinsic(before) && !isIntrinsic(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      differences(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((one, index) => differences(one, after[index], `${path}[${index}]`));
  }
  return [
    {
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      replaces: 'never',
    },
  ];
}

const contents = (before: TemplateResource | undefined, after: TemplateResource | undefined) => ({
  ...(before?.Properties === undefined ? {} : { before: before.Properties }),
  ...(after?.Properties === undefined ? {} : { after: after.Properties }),
});

/** JSON with keys in order. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  ) ?? 'undefined';

const same = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `{ Ref: … }`, `{ 'Fn::Sub': … }`: one value, however deep it is written. */
const isIntrinsic = (value: Record<string, unknown>): boolean => {
  const [key = '', ...others] = Object.keys(value);
  return others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'));
};
