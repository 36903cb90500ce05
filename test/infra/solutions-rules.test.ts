/** The AWS Solutions rules of cdk-nag over the example's stacks: what they ask for is done, or acknowledged with a reason. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, aws_s3, Stack, Validations } from 'aws-cdk-lib';
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
  new aws_s3.CfnBucket(new Stack(app, 'Another'), 'Open', {});
  expect(() => app.synth()).toThrow(/AwsSolutions-S10/);
}, 120_000);
