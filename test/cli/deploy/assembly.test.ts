import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAssembly } from '../../../src/cli/deploy/assembly.ts';
import { temporaryDirectory } from './temporary-directory.ts';

function assembly(artifacts: object, files: Record<string, object> = {}): string {
  const directory = temporaryDirectory();
  const all = { 'manifest.json': { artifacts }, 'A.template.json': { Resources: { One: {}, Two: {} } }, ...files };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(directory, name), JSON.stringify(content));
  return directory;
}

const stack = (properties: object, others: object = {}) => ({
  type: 'aws:cloudformation:stack',
  environment: 'aws://unknown-account/us-east-1',
  properties: { templateFile: 'A.template.json', ...properties },
  ...others,
});

const read = (directory: string) => readAssembly(directory, async () => '999988887777');

describe('an assembly', () => {
  it('is read with its placeholders filled and its URLs as CloudFormation takes them', async () => {
    const directory = assembly(
      {
        A: stack(
          {
            cloudFormationExecutionRoleArn: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/exec-${AWS::Region}',
            stackTemplateAssetObjectUrl: 's3://assets-${AWS::AccountId}/t.json',
            tags: { a: 'b' },
          },
          { dependencies: ['Files', 'B'] },
        ),
        B: stack({ stackName: 'other' }),
        Files: { type: 'cdk:asset-manifest', properties: { file: 'A.assets.json' } },
      },
      {
        'A.assets.json': {
          files: {
            x: {
              source: { path: 'asset.x', packaging: 'zip' },
              destinations: { d: { bucketName: 'assets-${AWS::AccountId}', objectKey: 'x.zip' } },
            },
          },
        },
        'A.template.json': { Resources: { One: {} }, Metadata: { 'PilotLight::StackPolicy': { Statement: [] } } },
      },
    );
    const [a, b] = await read(directory);
    expect(a).toMatchObject({
      stackName: 'A',
      account: '999988887777',
      region: 'us-east-1',
      executionRole: 'arn:aws:iam::999988887777:role/exec-us-east-1',
      templateUrl: 'https://s3.us-east-1.amazonaws.com/assets-999988887777/t.json',
      tags: { a: 'b' },
      after: ['B'],
      resources: 1,
      stackPolicy: '{"Statement":[]}',
      assets: [
        {
          bucket: 'assets-999988887777',
          key: 'x.zip',
          packaging: 'zip',
          region: 'us-east-1',
          path: join(directory, 'asset.x'),
        },
      ],
    });
    expect(b).toMatchObject({ id: 'B', stackName: 'other', after: [] });
  });

  const refused: [string, string, RegExp][] = [
    [
      'a stack without a Region',
      assembly({ A: stack({}, { environment: 'aws://unknown-account/unknown-region' }) }),
      /no Region/,
    ],
    [
      'container images',
      assembly(
        { A: stack({}, { dependencies: ['F'] }), F: { type: 'cdk:asset-manifest', properties: { file: 'f.json' } } },
        { 'f.json': { dockerImages: { web: {} } } },
      ),
      /Container images are not supported.*web/,
    ],
    ['a folder without a manifest', temporaryDirectory(), /Synthesize the CDK app first/],
  ];
  it.each(refused)('is refused: %s', async (_, directory, message) => {
    await expect(read(directory)).rejects.toThrow(message);
  });
});
