// What `destroy` leaves of the example's stacks: their data, what it stands on, and nothing that costs beside it.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { beforeAll, expect, test } from 'vitest';
import { reducedTemplates } from '../../../src/cli/deploy/reduced-template.ts';
import type { Template } from '../../../src/cli/deploy/template-difference.ts';
import { loadWorkload } from '../../../src/cli/load-workload.ts';
import { PilotLight } from '../../../src/infra/pilot-light.ts';

const stacks: { id: string; region: string; template: Template }[] = [];
let reduced: Map<string, Template | undefined>;

beforeAll(async () => {
  const app = new App({ outdir: join(mkdtempSync(join(tmpdir(), 'pl-')), 'cdk.out') });
  const { baseDirectory, workload: config } = await loadWorkload(undefined);
  new PilotLight(app, 'Photos', { config, baseDirectory });
  for (const { environment, id, template } of app.synth().stacks)
    stacks.push({ id, region: environment.region, template: template as Template });
  reduced = reducedTemplates(stacks);
}, 60_000);

const typesIn = (stack: string): string[] =>
  [...new Set(Object.values(reduced.get(`dev-photos-${stack}`)?.Resources ?? {}).map(({ Type }) => Type))].sort();

test('stacks without data go as a whole', () => {
  for (const stack of [
    'identity-recovery',
    'service-primary',
    'service-recovery',
    'traffic-primary',
    'control-primary',
  ])
    expect(reduced.get(`dev-photos-${stack}`), stack).toBeUndefined();
});

test('a database keeps its groups and secrets; its function, and parameters that point to it, go', () => {
  expect(typesIn('database-primary')).toEqual([
    'AWS::RDS::DBInstance',
    'AWS::RDS::DBParameterGroup',
    'AWS::RDS::DBSubnetGroup',
    'AWS::SecretsManager::Secret',
  ]);
  expect(reduced.get('dev-photos-database-primary')?.Metadata).toHaveProperty('PilotLight::StackPolicy');
});

test('of the network only what a database stands on is left: no gateway, no endpoint, no public subnet', () => {
  for (const side of ['primary', 'recovery']) {
    expect(typesIn(`foundation-${side}`)).toEqual([
      'AWS::EC2::SecurityGroup',
      'AWS::EC2::Subnet',
      'AWS::EC2::VPC',
      'AWS::KMS::Alias',
      'AWS::KMS::Key',
      'Custom::PilotLightInstall',
    ]);
    const left = reduced.get(`dev-photos-foundation-${side}`)?.Resources ?? {};
    expect(Object.keys(left).filter((id) => /Public/.test(id))).toEqual([]);
    // The function that would take them back is gone by the time they might be deleted.
    for (const resource of Object.values(left).filter(({ Type }) => Type.startsWith('Custom::')))
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain' });
  }
});

test('buckets keep their policies, and the state table is all that is left of recovery control', () => {
  expect(typesIn('storage-primary')).toEqual(['AWS::S3::Bucket', 'AWS::S3::BucketPolicy']);
  expect(typesIn('control-recovery')).toEqual(['AWS::DynamoDB::Table']);
  expect(reduced.get('dev-photos-control-recovery')?.Parameters).toBeUndefined();
});

test('every import of what is left is still exported, and nothing refers to what is gone', () => {
  for (const { id, region } of stacks) {
    const text = JSON.stringify(reduced.get(id) ?? {});
    const exported = stacks
      .filter((other) => other.region === region)
      .map((other) => JSON.stringify(reduced.get(other.id)?.Outputs ?? {}))
      .join('');
    for (const [, name = ''] of text.matchAll(/"Fn::ImportValue":"([^"]+)"/g)) expect(exported).toContain(name);
    const left = reduced.get(id);
    const known = new Set([...Object.keys(left?.Resources ?? {}), ...Object.keys((left?.Parameters as object) ?? {})]);
    for (const [, name = ''] of text.matchAll(/"Ref":"([^":]+)"/g)) expect(known, `${id}: ${name}`).toContain(name);
    for (const [, name = ''] of text.matchAll(/"Fn::GetAtt":\["([^"]+)"/g))
      expect(known, `${id}: ${name}`).toContain(name);
  }
});

test('reducing what is reduced changes nothing: a run cut short goes on', () => {
  const left = stacks.flatMap(({ id, region }) => {
    const template = reduced.get(id);
    return template === undefined ? [] : [{ id, region, template }];
  });
  expect(reducedTemplates(left)).toEqual(new Map(left.map(({ id, template }) => [id, template])));
});
