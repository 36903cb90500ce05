/** The AWS Solutions rules of cdk-nag over the example's stacks: what they ask for is done, or acknowledged with a reason. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import config from '../../examples/photos/pilot-light.config.ts';
import { PilotLight } from '../../src/infra/pilot-light.ts';

const synthesized = () => {
  const app = new App({ outdir: join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out') });
  const functions = { ...config.functions, digest: { entry: 'functions/thumbnail.ts', schedule: 'rate(1 day)' } };
  new PilotLight(app, 'Photos', {
    config: { ...config, functions },
    baseDirectory: join(import.meta.dirname, '../../examples/photos'),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};

test('the stacks pass', () => {
  expect(() => synthesized().synth()).not.toThrow();
}, 120_000);

test('a rule that nobody acknowledged is heard', () => {
  const app = synthesized();
  const bucket = app.node
    .findAll()
    .find(({ node }) => node.path.includes('storage-primary') && node.id === 'PhotosBucket') as
    | (import('aws-cdk-lib').aws_s3.CfnBucket & object)
    | undefined;
  if (bucket === undefined) throw new Error('There is no bucket.');
  bucket.publicAccessBlockConfiguration = undefined;
  expect(() => app.synth()).toThrow(/[Vv]alidation/);
}, 120_000);
