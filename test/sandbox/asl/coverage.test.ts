/** What the coverage document says is all there is: no error is raised, and no field read, that its tables don't name. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { statesErrors } from '../../../src/sandbox/asl/errors.ts';
import { fieldsOf } from '../../../src/sandbox/asl/fields.ts';
import { intrinsicNames } from '../../../src/sandbox/asl/intrinsics.ts';

const root = join(import.meta.dirname, '../../../src/sandbox');
const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));

test('every error the interpreter names is listed', () => {
  const named = [...sources('asl'), ...sources('services/states')].flatMap(
    (text) => text.match(/'States\.[A-Z]\w+'/g) ?? [],
  );
  const unlisted = [...new Set(named)]
    .map((name) => name.slice(1, -1))
    .filter((name) => !(name in statesErrors) && !intrinsicNames.includes(name));
  expect(unlisted).toEqual([]);
});

test('every field the interpreter reads is listed', () => {
  const text = readFileSync(join(root, 'asl/definition.ts'), 'utf8');
  const state = text.slice(text.indexOf('interface StateDefinition'), text.indexOf('/** The processor'));
  const read = [...state.matchAll(/readonly (\w+)\??:/g)].map(([, name]) => name);
  const listed = new Set(
    Object.values(fieldsOf).flatMap(({ both, jsonata, jsonpath }) => [...both, ...jsonata, ...jsonpath]),
  );
  expect(read.filter((name) => !listed.has(name ?? ''))).toEqual([]);
});
