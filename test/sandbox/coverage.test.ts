import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serviceFactories } from '../../src/sandbox/aws.ts';
import { coverageDocument } from '../../src/sandbox/coverage.ts';
import { realSandbox } from '../support/real-sandbox.ts';

const file = join(import.meta.dirname, '../../docs/coverage.md');

test('docs/coverage.md says what the services say (npm run coverage:document writes it)', async () => {
  await using sandbox = await realSandbox(serviceFactories({}));
  const document = coverageDocument(sandbox.dispatcher.services);
  if (process.env.WRITE_COVERAGE !== undefined) writeFileSync(file, document);
  expect(readFileSync(file, 'utf8')).toBe(document);
});
