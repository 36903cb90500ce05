/** Managed policies and their versions; AWS's own can be read and not changed. */

import type {
  CreatePolicyCommandInput,
  CreatePolicyVersionCommandInput,
  DeletePolicyCommandInput,
  DeletePolicyVersionCommandInput,
  GetPolicyCommandInput,
  GetPolicyVersionCommandInput,
  ListEntitiesForPolicyCommandInput,
  ListPoliciesCommandInput,
  ListPolicyVersionsCommandInput,
} from '@aws-sdk/client-iam';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { awsManaged, awsManagedArns, isAwsManaged } from './aws-managed.ts';
import { encoded, identityDocument, size } from './documents.ts';
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity, refuseMembers, required } from './errors.ts';
import { iamArn, pathOf, policyName } from './names.ts';
import { byName, page } from './pages.ts';
import type { EntityRow, PolicyRow, PolicyVersionRow } from './rows.ts';
import { iamTables, uniqueId } from './rows.ts';
import { requestTagKeys, resourceTagKeys, tagList, withTags } from './tags.ts';

export function policyOperations(core: SandboxCore): Record<string, AnyOperation> {
  const { policies, roles, users } = iamTables(core);
  const ask = (action: string) => (input: { PolicyArn?: string | undefined }) => [
    {
      action: `iam:${action}`,
      resource: input.PolicyArn ?? '*',
      context: resourceTagKeys(policies.get(input.PolicyArn ?? '')?.tags, 'iam'),
    },
  ];
  return {
    CreatePolicy: operation(
      (input: CreatePolicyCommandInput, call) => ({ Policy: policyOutput(core, createPolicy(core, input, call)) }),
      (input, call) => [
        {
          action: 'iam:CreatePolicy',
          resource: iamArn(call.account, 'policy', input.Path ?? '/', input.PolicyName ?? ''),
          context: requestTagKeys(input.Tags),
        },
      ],
    ),
    GetPolicy: operation(
      (input: GetPolicyCommandInput) => ({ Policy: policyOutput(core, policyRow(core, input.PolicyArn)) }),
      ask('GetPolicy'),
    ),
    GetPolicyVersion: operation((input: GetPolicyVersionCommandInput) => {
      const row = policyRow(core, input.PolicyArn);
      return { PolicyVersion: versionOutput(row, versionRow(row, required(input.VersionId, 'versionId')), true) };
    }, ask('GetPolicyVersion')),
    ListPolicies: operation(
      (input: ListPoliciesCommandInput) => {
        refuseMembers('ListPolicies', input, ['PolicyUsageFilter']);
        const { Scope = 'All', OnlyAttached = false, PathPrefix = '/' } = input;
        const local = Scope === 'AWS' ? [] : policies.values();
        const theirs = Scope === 'Local' ? [] : awsManagedArns().map((arn) => policyRow(core, arn));
        const found = byName([...local, ...theirs])
          .filter(({ path }) => path.startsWith(PathPrefix))
          .map((row) => policyOutput(core, row))
          .filter(({ AttachmentCount }) => !OnlyAttached || AttachmentCount > 0);
        const { items, rest } = page(found, input);
        return { Policies: items, ...rest };
      },
      (input, call) => [
        { action: 'iam:ListPolicies', resource: iamArn(call.account, 'policy', input.PathPrefix ?? '/', '') },
      ],
    ),
    ListPolicyVersions: operation((input: ListPolicyVersionsCommandInput) => {
      const row = policyRow(core, input.PolicyArn);
      const { items, rest } = page(row.versions.toReversed(), input);
      return { Versions: items.map((version) => versionOutput(row, version, false)), ...rest };
    }, ask('ListPolicyVersions')),
    CreatePolicyVersion: operation((input: CreatePolicyVersionCommandInput) => {
      const row = ownPolicy(core, input.PolicyArn);
      const version = createVersion(core, row, input.PolicyDocument);
      const versions = [...row.versions, version];
      const changed = policies.put(row.arn, {
        ...row,
        versions,
        nextVersion: row.nextVersion + 1,
        updatedAt: core.clock.now(),
        defaultVersion: input.SetAsDefault === true ? version.id : row.defaultVersion,
      });
      return { PolicyVersion: versionOutput(changed, version, false) };
    }, ask('CreatePolicyVersion')),
    DeletePolicyVersion: operation((input: DeletePolicyVersionCommandInput) => {
      const row = ownPolicy(core, input.PolicyArn);
      const { id } = versionRow(row, required(input.VersionId, 'versionId'));
      if (id === row.defaultVersion) throw deleteConflict('Cannot delete the default version of a policy.');
      policies.put(row.arn, {
        ...row,
        versions: row.versions.filter((one) => one.id !== id),
        updatedAt: core.clock.now(),
      });
      return {};
    }, ask('DeletePolicyVersion')),
    DeletePolicy: operation((input: DeletePolicyCommandInput) => {
      const row = ownPolicy(core, input.PolicyArn);
      const { attached, boundaries } = holdersOf(core, row.arn);
      if (attached.length + boundaries.length > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
      if (row.versions.length > 1) {
        throw deleteConflict(
          'This policy has more than one version. Before you delete a policy, you must delete the policy’s versions. The default version is deleted with the policy.',
        );
      }
      policies.delete(row.arn);
      return {};
    }, ask('DeletePolicy')),
    ListEntitiesForPolicy: operation((input: ListEntitiesForPolicyCommandInput) => {
      refuseMembers('ListEntitiesForPolicy', input, ['EntityFilter', 'PathPrefix', 'PolicyUsageFilter']);
      const { arn } = policyRow(core, input.PolicyArn);
      const isHolder = (row: EntityRow): boolean => row.attached.includes(arn) || row.boundary === arn;
      return {
        PolicyRoles: roles
          .values()
          .filter(isHolder)
          .map(({ name, id }) => ({ RoleName: name, RoleId: id })),
        PolicyUsers: users
          .values()
          .filter(isHolder)
          .map(({ name, id }) => ({ UserName: name, UserId: id })),
        PolicyGroups: [],
        IsTruncated: false,
      };
    }, ask('ListEntitiesForPolicy')),
  };
}

function createPolicy(core: SandboxCore, input: CreatePolicyCommandInput, call: Call): PolicyRow {
  const { policies } = iamTables(core);
  const [name, path] = [policyName(input.PolicyName), pathOf(input.Path)];
  if (policies.values().some((row) => row.name.toLowerCase() === name.toLowerCase())) {
    throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  }
  const now = core.clock.now();
  const empty = { versions: [], nextVersion: 1 };
  const version = createVersion(core, empty, input.PolicyDocument);
  const arn = iamArn(call.account, 'policy', path, name);
  return policies.put(arn, {
    name,
    path,
    id: uniqueId(core, 'ANPA'),
    arn,
    description: input.Description,
    createdAt: now,
    updatedAt: now,
    tags: withTags({}, input.Tags),
    versions: [version],
    defaultVersion: version.id,
    nextVersion: 2,
  });
}

function createVersion(
  core: SandboxCore,
  { versions, nextVersion }: Pick<PolicyRow, 'versions' | 'nextVersion'>,
  text: string | undefined,
): PolicyVersionRow {
  const document = identityDocument(text);
  if (size(document) > 6144) throw limitExceeded('Cannot exceed quota for PolicySize: 6144');
  if (versions.length >= 5) {
    throw limitExceeded(
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    );
  }
  return { id: `v${nextVersion}`, document, createdAt: core.clock.now() };
}

/** A customer's policy, or AWS's as a row of the same form. */
function policyRow(core: SandboxCore, given: string | undefined): PolicyRow {
  const arn = required(given, 'policyArn');
  const row = iamTables(core).policies.get(arn);
  if (row !== undefined) return row;
  const managed = awsManaged(arn);
  if (managed === undefined) throw noSuchEntity(`Policy ${arn} was not found.`);
  const name = arn.split('/').at(-1) ?? '';
  return {
    name,
    path: `/${arn
      .split('/')
      .slice(1, -1)
      .map((part) => `${part}/`)
      .join('')}`,
    id: `ANPA${name.toUpperCase().slice(0, 17)}`,
    arn,
    createdAt: 0,
    updatedAt: 0,
    tags: {},
    versions: [{ id: managed.version, document: managed.document, createdAt: 0 }],
    defaultVersion: managed.version,
    nextVersion: 0,
  };
}

function ownPolicy(core: SandboxCore, arn: string | undefined): PolicyRow {
  const row = policyRow(core, arn);
  if (isAwsManaged(row.arn)) {
    throw new AwsError('AccessDenied', `User is not authorized to change ${row.arn}: it is managed by AWS.`, {
      status: 403,
    });
  }
  return row;
}

function versionRow(row: PolicyRow, id: string): PolicyVersionRow {
  const version = row.versions.find((one) => one.id === id);
  if (version === undefined) throw noSuchEntity(`Policy ${row.arn} version ${id} does not exist or is not attachable.`);
  return version;
}

function holdersOf(core: SandboxCore, arn: string) {
  const { roles, users } = iamTables(core);
  const entities: EntityRow[] = [...roles.values(), ...users.values()];
  return {
    attached: entities.filter((row) => row.attached.includes(arn)),
    boundaries: entities.filter((row) => row.boundary === arn),
  };
}

function policyOutput(core: SandboxCore, row: PolicyRow) {
  const { attached, boundaries } = holdersOf(core, row.arn);
  return {
    PolicyName: row.name,
    PolicyId: row.id,
    Arn: row.arn,
    Path: row.path,
    DefaultVersionId: row.defaultVersion,
    AttachmentCount: attached.length,
    PermissionsBoundaryUsageCount: boundaries.length,
    IsAttachable: true,
    ...(row.description === undefined ? {} : { Description: row.description }),
    CreateDate: new Date(row.createdAt),
    UpdateDate: new Date(row.updatedAt),
    Tags: tagList(row.tags),
  };
}

const versionOutput = (row: PolicyRow, version: PolicyVersionRow, withDocument: boolean) => ({
  ...(withDocument ? { Document: encoded(version.document) } : {}),
  VersionId: version.id,
  IsDefaultVersion: version.id === row.defaultVersion,
  CreateDate: new Date(version.createdAt),
});
