/** What is deployed as the control functions' code, and what lies beside it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { bundleFile, functionSpecs, workloadFile } from '../../src/functions/contract.ts';
import { controlBundle } from '../../src/infra/bundle.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

/** With something in every part of the config that a default leaves empty. */
const workload = parseWorkload({
  name: 'shop',
  account: '123456789012',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  witness: { region: 'us-east-2' },
  compute: {
    web: { image: 'ami-0123456789abcdef0', instanceTypes: ['t3.small', 't3.medium'] },
    jobs: { image: 'ami-0123456789abcdef1', serves: 'nothing', environment: { QUEUE: 'jobs' } },
  },
  functions: { mail: { entry: 'mail.ts', events: { source: ['shop'] } } },
  traffic: { zone: 'shop.example', name: 'www.shop.example' },
  notifications: { webhooks: ['chat'] },
  tags: { team: 'shop' },
});

test('functions find the workload as it was judged, and it would be judged so again', () => {
  const folder = controlBundle(workload);
  const found: unknown = JSON.parse(readFileSync(join(folder, workloadFile), 'utf8'));
  const { sandbox, ...deployed } = workload;
  expect(sandbox.images).toEqual({});
  expect(found).toEqual(deployed);
  expect(parseWorkload(found)).toEqual(workload);
  expect(readFileSync(join(folder, bundleFile)).length).toBeGreaterThan(0);
});

test('what only a config file or a deployment needs is not in the bundle', () => {
  const { metafile } = buildSync({
    entryPoints: [fileURLToPath(new URL('../../src/functions/bundle.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    outfile: 'index.js',
  });
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
  );
  expect(packages).toContain('mysql2');
  for (const name of ['zod', 'yaml', 'esbuild', 'constructs', 'aws-cdk-lib']) expect(packages).not.toContain(name);
  const [output] = Object.values(metafile.outputs);
  expect(output?.exports.toSorted()).toEqual(
    [...new Set(Object.values(functionSpecs).map(({ handler }) => handler))].toSorted(),
  );
});
