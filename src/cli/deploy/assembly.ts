/** A synthesized CDK assembly (`cdk.out`) as the deployer needs it: stacks with their files, settings and order. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../kernel/errors.ts';

export interface AssemblyStack {
  /** The artifact's id, which dependencies name. */
  readonly id: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  /** The template's text. */
  readonly template: string;
  /** How many resources the template declares. */
  readonly resources: number;
  /** Where the template will have been uploaded to; absent when it isn't an asset. */
  readonly templateUrl?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly terminationProtection: boolean;
  readonly executionRole?: string;
  /** The role of the bootstrap that may change stacks. */
  readonly deployRole?: string;
  /** A policy the template carries in its Metadata under `PilotLight::StackPolicy`. */
  readonly stackPolicy?: string;
  /** Ids of the stacks that come first. */
  readonly after: readonly string[];
  readonly assets: readonly FileAsset[];
  /** The SSM parameter that tells the bootstrap version of the environment, and the least it may be. */
  readonly bootstrap?: { readonly parameter: string; readonly version: number };
}

export interface FileAsset {
  readonly displayName: string;
  /** Absolute path of a file, or of a directory to be zipped. */
  readonly path: string;
  readonly packaging: 'file' | 'zip';
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  /** The role of the bootstrap that may upload. */
  readonly publishingRole?: string;
}

/**
 * Reads an assembly. `accountOf` tells the account for stacks that don't name theirs. Raises a usage error for what can't be deployed:
 * stacks without a Region, container images.
 */
export async function readAssembly(
  directory: string,
  accountOf: (region: string) => Promise<string>,
): Promise<AssemblyStack[]> {
  const manifest = readJson<Manifest>(join(directory, 'manifest.json'));
  const artifacts = Object.entries(manifest.artifacts ?? {});
  const stackIds = new Set(artifacts.filter(([, { type }]) => type === stackArtifact).map(([id]) => id));
  const stacks: AssemblyStack[] = [];
  for (const [id, artifact] of artifacts) {
    if (artifact.type === 'cdk:cloud-assembly') {
      const inner = join(directory, String(artifact.properties?.directoryName));
      stacks.push(...(await readAssembly(inner, accountOf)));
    }
    if (artifact.type !== stackArtifact) continue;
    const { account, region } = await environmentOf(id, artifact, accountOf);
    const properties = artifact.properties ?? {};
    const fill = (text: string): string => filled(text, account, region);
    const template = readFileSync(join(directory, String(properties.templateFile)), 'utf8');
    const { Metadata, Resources } = JSON.parse(template) as { Metadata?: Record<string, unknown>; Resources?: object };
    const policy = Metadata?.[stackPolicyKey];
    const dependencies = artifact.dependencies ?? [];
    stacks.push({
      id,
      stackName: properties.stackName ?? id,
      account,
      region,
      template,
      resources: Object.keys(Resources ?? {}).length,
      ...optional('templateUrl', properties.stackTemplateAssetObjectUrl, (url) => httpsUrl(fill(url), region)),
      parameters: properties.parameters ?? {},
      tags: properties.tags ?? {},
      terminationProtection: properties.terminationProtection === true,
      ...optional('executionRole', properties.cloudFormationExecutionRoleArn, fill),
      ...optional('deployRole', properties.assumeRoleArn, fill),
      ...(policy === undefined ? {} : { stackPolicy: JSON.stringify(policy) }),
      after: dependencies.filter((dependency) => stackIds.has(dependency)),
      assets: dependencies.flatMap((dependency) =>
        assetsOf(directory, manifest.artifacts?.[dependency], (text) => fill(text), region),
      ),
      ...optional('bootstrap', properties.bootstrapStackVersionSsmParameter, (parameter) => ({
        parameter,
        version: properties.requiresBootstrapStackVersion ?? 1,
      })),
    });
  }
  return stacks;
}

/** The key of a template's Metadata under which our stacks carry their stack policy. */
const stackPolicyKey = 'PilotLight::StackPolicy';

const stackArtifact = 'aws:cloudformation:stack';

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  /** `aws://account/region` */
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly parameters?: Record<string, string>;
    readonly tags?: Record<string, string>;
    readonly terminationProtection?: boolean;
    readonly cloudFormationExecutionRoleArn?: string;
    readonly assumeRoleArn?: string;
    readonly stackTemplateAssetObjectUrl?: string;
    readonly requiresBootstrapStackVersion?: number;
    readonly bootstrapStackVersionSsmParameter?: string;
    readonly directoryName?: string;
    readonly file?: string;
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly displayName?: string;
        readonly source: { readonly path?: string; readonly packaging?: string; readonly executable?: unknown };
        readonly destinations: Readonly<
          Record<string, { bucketName: string; objectKey: string; region?: string; assumeRoleArn?: string }>
        >;
      }
    >
  >;
  readonly dockerImages?: Readonly<Record<string, unknown>>;
}

async function environmentOf(
  id: string,
  { environment = '' }: Artifact,
  accountOf: (region: string) => Promise<string>,
) {
  const [, account = 'unknown-account', region = 'unknown-region'] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
  if (region === 'unknown-region') {
    throw usageError(`The stack ${id} has no Region.`, { given: environment, next: 'Give it an env in the CDK app.' });
  }
  return { account: account === 'unknown-account' ? await accountOf(region) : account, region };
}

function assetsOf(
  directory: string,
  artifact: Artifact | undefined,
  fill: (text: string) => string,
  stackRegion: string,
): FileAsset[] {
  if (artifact?.type !== 'cdk:asset-manifest') return [];
  const manifest = readJson<AssetManifest>(join(directory, String(artifact.properties?.file)));
  const [image] = Object.keys(manifest.dockerImages ?? {});
  if (image !== undefined) {
    throw usageError('Container images are not supported as assets.', { given: image, allowed: 'file assets' });
  }
  return Object.entries(manifest.files ?? {}).flatMap(([id, { displayName, source, destinations }]) => {
    const { packaging = 'file', path } = source;
    if (path === undefined || (packaging !== 'file' && packaging !== 'zip')) {
      throw usageError('This kind of asset is not supported.', {
        given: displayName ?? id,
        allowed: 'files, directories',
      });
    }
    return Object.values(destinations).map((destination) => ({
      displayName: displayName ?? id,
      path: join(directory, path),
      packaging: packaging as 'file' | 'zip',
      bucket: fill(destination.bucketName),
      key: fill(destination.objectKey),
      region: destination.region === undefined ? stackRegion : fill(destination.region),
      ...optional('publishingRole', destination.assumeRoleArn, fill),
    }));
  });
}

const filled = (text: string, account: string, region: string): string =>
  text
    .replaceAll('${AWS::AccountId}', account)
    .replaceAll('${AWS::Region}', region)
    .replaceAll('${AWS::Partition}', 'aws');

/** CloudFormation reads templates by https URL. */
function httpsUrl(url: string, region: string): string {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  return bucket === undefined ? url : `https://s3.${region}.amazonaws.com/${bucket}/${key}`;
}

function optional<Name extends string, Given, Taken>(
  name: Name,
  value: Given | undefined,
  take: (value: Given) => Taken,
): { [name in Name]?: Taken } {
  return value === undefined ? {} : ({ [name]: take(value) } as { [name in Name]: Taken });
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (cause) {
    throw usageError(`${file} can't be read.`, { cause, next: 'Synthesize the CDK app first.' });
  }
}
