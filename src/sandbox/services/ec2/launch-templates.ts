/** Launch templates and their versions. */

import type {
  CreateLaunchTemplateCommandInput,
  CreateLaunchTemplateCommandOutput,
  CreateLaunchTemplateVersionCommandInput,
  CreateLaunchTemplateVersionCommandOutput,
  DeleteLaunchTemplateCommandInput,
  DeleteLaunchTemplateCommandOutput,
  DescribeLaunchTemplatesCommandInput,
  DescribeLaunchTemplatesCommandOutput,
  DescribeLaunchTemplateVersionsCommandInput,
  DescribeLaunchTemplateVersionsCommandOutput,
  LaunchTemplate,
  LaunchTemplateVersion,
  ModifyLaunchTemplateCommandInput,
  ModifyLaunchTemplateCommandOutput,
  RequestLaunchTemplateData,
  ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { askNew, askOn } from './asks.ts';
import { required } from './errors.ts';
import { matching } from './filters.ts';
import { resolvedImageId } from './image-alias.ts';
import { checkedTemplateData, mergedTemplateData } from './launch-template-data.ts';
import type { LaunchTemplateRow, LaunchTemplateVersionRow } from './machine-rows.ts';
import { machineTables } from './machine-rows.ts';
import { page } from './pages.ts';
import { ec2Tables, newId } from './rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';

export interface TemplateReference {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

export function launchTemplateOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CreateLaunchTemplate: strictOperation<CreateLaunchTemplateCommandInput, Answer<CreateLaunchTemplateCommandOutput>>({
      name: 'CreateLaunchTemplate',
      members: ['LaunchTemplateName', 'LaunchTemplateData', 'VersionDescription', 'ClientToken', 'TagSpecifications'],
      authorize: (input, call) => askNew(call, 'CreateLaunchTemplate', 'launch-template', input.TagSpecifications),
      handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['launch-template']);
        const row = createTemplate(core, call, input);
        tagNew(core, call.region, row.id, specified(input.TagSpecifications, 'launch-template'));
        return { LaunchTemplate: describe(core, call.region, row) };
      },
    }),
    CreateLaunchTemplateVersion: strictOperation<
      CreateLaunchTemplateVersionCommandInput,
      Answer<CreateLaunchTemplateVersionCommandOutput>
    >({
      name: 'CreateLaunchTemplateVersion',
      members: [
        'LaunchTemplateId',
        'LaunchTemplateName',
        'SourceVersion',
        'VersionDescription',
        'LaunchTemplateData',
        'ClientToken',
      ],
      authorize: (input, call) => [askOnTemplate(core, call, 'CreateLaunchTemplateVersion', input)],
      handle(input, call) {
        const row = templateOf(core, call.region, input);
        const source = input.SourceVersion === undefined ? undefined : templateVersion(row, input.SourceVersion).data;
        const data = mergedTemplateData(source, checkedTemplateData(input.LaunchTemplateData));
        const number = row.latestVersion + 1;
        const version = newVersion(core, call, number, data, input.VersionDescription);
        machineTables(core, call.region).launchTemplates.put(row.id, {
          ...row,
          latestVersion: number,
          versions: [...row.versions, version],
        });
        return { LaunchTemplateVersion: describeVersion(row, version) };
      },
    }),
    ModifyLaunchTemplate: strictOperation<ModifyLaunchTemplateCommandInput, Answer<ModifyLaunchTemplateCommandOutput>>({
      name: 'ModifyLaunchTemplate',
      members: ['LaunchTemplateId', 'LaunchTemplateName', 'DefaultVersion', 'ClientToken'],
      authorize: (input, call) => [askOnTemplate(core, call, 'ModifyLaunchTemplate', input)],
      handle(input, call) {
        const row = templateOf(core, call.region, input);
        const { number } = templateVersion(row, required(input.DefaultVersion, 'defaultVersion'));
        const next = machineTables(core, call.region).launchTemplates.put(row.id, { ...row, defaultVersion: number });
        return { LaunchTemplate: describe(core, call.region, next) };
      },
    }),
    DescribeLaunchTemplates: strictOperation<
      DescribeLaunchTemplatesCommandInput,
      Answer<DescribeLaunchTemplatesCommandOutput>
    >({
      name: 'DescribeLaunchTemplates',
      members: ['LaunchTemplateIds', 'LaunchTemplateNames', 'Filters', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const named = [
          ...(input.LaunchTemplateIds ?? []).map((LaunchTemplateId) =>
            templateOf(core, call.region, { LaunchTemplateId }),
          ),
          ...(input.LaunchTemplateNames ?? []).map((LaunchTemplateName) =>
            templateOf(core, call.region, { LaunchTemplateName }),
          ),
        ];
        const all = named.length > 0 ? named : machineTables(core, call.region).launchTemplates.values();
        const rows = matching(
          all,
          input.Filters,
          { 'launch-template-name': (row) => row.name, 'create-time': (row) => new Date(row.createdAt).toISOString() },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { LaunchTemplates: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    DescribeLaunchTemplateVersions: strictOperation<
      DescribeLaunchTemplateVersionsCommandInput,
      Answer<DescribeLaunchTemplateVersionsCommandOutput>
    >({
      name: 'DescribeLaunchTemplateVersions',
      members: [
        'LaunchTemplateId',
        'LaunchTemplateName',
        'Versions',
        'MinVersion',
        'MaxVersion',
        'NextToken',
        'MaxResults',
        'ResolveAlias',
      ],
      async handle(input, call) {
        const row = templateOf(core, call.region, input);
        const named = input.Versions?.map((version) => templateVersion(row, version));
        const versions = (named ?? [...row.versions].reverse()).filter(
          ({ number }) =>
            number >= Number(input.MinVersion ?? 1) && number <= Number(input.MaxVersion ?? Number.POSITIVE_INFINITY),
        );
        const cut = page(versions, input.MaxResults, input.NextToken);
        const described = cut.rows.map(async (version) => {
          const { ImageId: imageId } = version.data;
          if (input.ResolveAlias !== true || imageId === undefined) return describeVersion(row, version);
          return describeVersion(row, version, await resolvedImageId(core, call, imageId));
        });
        return { LaunchTemplateVersions: await Promise.all(described), NextToken: cut.nextToken };
      },
    }),
    DeleteLaunchTemplate: strictOperation<DeleteLaunchTemplateCommandInput, Answer<DeleteLaunchTemplateCommandOutput>>({
      name: 'DeleteLaunchTemplate',
      members: ['LaunchTemplateId', 'LaunchTemplateName'],
      authorize: (input, call) => [askOnTemplate(core, call, 'DeleteLaunchTemplate', input)],
      handle(input, call) {
        const row = templateOf(core, call.region, input);
        const described = describe(core, call.region, row);
        machineTables(core, call.region).launchTemplates.delete(row.id);
        ec2Tables(core, call.region).tags.delete(row.id);
        return { LaunchTemplate: described };
      },
    }),
  };
}

/** The template named by id or by name. */
export function templateOf(core: SandboxCore, region: string, reference: TemplateReference): LaunchTemplateRow {
  const { launchTemplates } = machineTables(core, region);
  const { LaunchTemplateId: id, LaunchTemplateName: name } = reference;
  if (id !== undefined) {
    const row = launchTemplates.get(id);
    if (row !== undefined) return row;
    throw new AwsError(
      'InvalidLaunchTemplateId.NotFound',
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  }
  const row = launchTemplates.values().find((one) => one.name === name);
  if (row !== undefined) return row;
  throw new AwsError(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

/** A version by number, `$Latest` or `$Default`. */
export function templateVersion(row: LaunchTemplateRow, version: string): LaunchTemplateVersionRow {
  const number =
    version === '$Latest' ? row.latestVersion : version === '$Default' ? row.defaultVersion : Number(version);
  const found = row.versions.find((one) => one.number === number);
  if (found !== undefined) return found;
  throw new AwsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${version} for the launch template with ID ${row.id}.`,
  );
}

export function askOnTemplate(core: SandboxCore, call: Call, action: string, reference: TemplateReference) {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = reference;
  const known =
    id ??
    machineTables(core, call.region)
      .launchTemplates.values()
      .find((row) => row.name === name)?.id;
  return askOn(core, call, action, 'launch-template', known);
}

function createTemplate(core: SandboxCore, call: Call, input: CreateLaunchTemplateCommandInput): LaunchTemplateRow {
  const { launchTemplates } = machineTables(core, call.region);
  const name = required(input.LaunchTemplateName, 'LaunchTemplateName');
  if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name)) {
    throw new AwsError(
      'InvalidLaunchTemplateName.MalformedException',
      `The launch template name ${name} is not valid.`,
    );
  }
  if (launchTemplates.values().some((row) => row.name === name)) {
    throw new AwsError('InvalidLaunchTemplateName.AlreadyExistsException', `Launch template name already in use.`);
  }
  const id = newId(core, 'lt');
  const data = checkedTemplateData(input.LaunchTemplateData);
  const version = newVersion(core, call, 1, data, input.VersionDescription);
  const { createdAt, createdBy } = version;
  return launchTemplates.put(id, {
    id,
    name,
    createdAt,
    createdBy,
    defaultVersion: 1,
    latestVersion: 1,
    versions: [version],
  });
}

const newVersion = (
  core: SandboxCore,
  call: Call,
  number: number,
  data: RequestLaunchTemplateData,
  description: string | undefined,
): LaunchTemplateVersionRow => ({
  number,
  createdAt: core.region(call.region).clock.now(),
  createdBy: call.principal.arn,
  data,
  ...(description === undefined ? {} : { description }),
});

function describe(core: SandboxCore, region: string, row: LaunchTemplateRow): LaunchTemplate {
  return {
    LaunchTemplateId: row.id,
    LaunchTemplateName: row.name,
    CreateTime: new Date(row.createdAt),
    CreatedBy: row.createdBy,
    DefaultVersionNumber: row.defaultVersion,
    LatestVersionNumber: row.latestVersion,
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}

const describeVersion = (
  row: LaunchTemplateRow,
  version: LaunchTemplateVersionRow,
  imageId = version.data.ImageId,
): LaunchTemplateVersion => ({
  LaunchTemplateId: row.id,
  LaunchTemplateName: row.name,
  VersionNumber: version.number,
  VersionDescription: version.description,
  CreateTime: new Date(version.createdAt),
  CreatedBy: version.createdBy,
  DefaultVersion: version.number === row.defaultVersion,
  // The answer's shape is the request's, but for members refused at creation.
  LaunchTemplateData: { ...version.data, ImageId: imageId } as ResponseLaunchTemplateData,
});
