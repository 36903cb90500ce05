/** What is published of the config file: the JSON Schema and its reference. They are written anew with WRITE_CONFIGURATION=1. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workloadJsonSchema } from '../../src/workload/config.ts';
import { configurationDocument } from './configuration-document.ts';

const root = join(import.meta.dirname, '../..');
const files = [
  ['pilot-light.schema.json', `${JSON.stringify(workloadJsonSchema(), undefined, 2)}\n`],
  ['docs/configuration.md', configurationDocument(workloadJsonSchema() as never)],
] as const;

test.each(files)('%s is what the schema says', (file, wanted) => {
  if (process.env.WRITE_CONFIGURATION === '1') writeFileSync(join(root, file), wanted);
  expect(readFileSync(join(root, file), 'utf8')).toBe(wanted);
});

test('every field says what it is for', () => {
  const silent: string[] = [];
  const visit = (
    path: string,
    node: { description?: string; properties?: object; anyOf?: object[]; additionalProperties?: unknown },
  ) => {
    for (const [name, field] of Object.entries(node.properties ?? {})) {
      if (field.description === undefined) silent.push(`${path}${name}`);
      visit(`${path}${name}.`, field);
    }
    for (const form of node.anyOf ?? []) visit(path, form);
    if (typeof node.additionalProperties === 'object' && node.additionalProperties !== null)
      visit(`${path}<name>.`, node.additionalProperties);
  };
  visit('', workloadJsonSchema() as never);
  expect(silent).toEqual([]);
});
