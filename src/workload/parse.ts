/** Judges a config file and fills its defaults in. */

import type { z } from 'zod';
import { checkWhole } from './checks/whole.ts';
import type { Workload } from './config.ts';
import { schema, workloadJsonSchema } from './config.ts';
import { refusal } from './refusal.ts';

/** @throws a usage error that lists each wrong field's path, what was given and what is allowed. */
export function parseWorkload(config: unknown, source = 'the workload config'): Workload {
  const parsed = schema.safeParse(config);
  if (!parsed.success) throw refusal(source, config, parsed.error.issues, fieldsAt);
  const problems = checkWhole(parsed.data);
  if (problems.length > 0) throw refusal(source, config, problems, fieldsAt);
  return parsed.data;
}

/** The fields that may stand at a path of the config. */
function fieldsAt(path: readonly string[]): string[] {
  type Node = z.core.JSONSchema.BaseSchema;
  const found = path.reduce<Node | undefined>((node, part) => {
    const child = node?.properties?.[part] ?? node?.additionalProperties;
    const form = typeof child === 'object' ? (child.anyOf?.find(isObject) ?? child) : undefined;
    return typeof form === 'object' ? form : undefined;
  }, workloadJsonSchema());
  return Object.keys(found?.properties ?? {});
}

const isObject = (form: z.core.JSONSchema._JSONSchema): boolean => typeof form === 'object' && form.type === 'object';
