import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { bootstrapTemplate, bootstrapVersion } from '../../../src/cli/deploy/bootstrap-template.ts';
import { parseTemplate } from '../../../src/sandbox/cloudformation/template.ts';
import { checkTemplate } from '../../../src/sandbox/cloudformation/validate.ts';

const cdk = dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json'));
const stock = parseTemplate(readFileSync(join(cdk, 'lib/api/bootstrap/bootstrap-template.yaml'), 'utf8'));
const ours = parseTemplate(JSON.stringify(bootstrapTemplate()));

it('claims the version of the CDK CLI it was made after', () => {
  expect(stock.resources.CdkBootstrapVersion?.properties.Value).toBe(String(bootstrapVersion));
});

it('is a part of the stock template: the same resources, of the same types', () => {
  for (const [id, { type }] of Object.entries(ours.resources)) expect(stock.resources[id]?.type, id).toBe(type);
  for (const output of Object.keys(ours.outputs)) expect(stock.outputs).toHaveProperty(output);
});

it('is deployable by the sandbox', () => {
  expect(() => checkTemplate(ours)).not.toThrow();
});
