/** Published versions and the aliases that point at them. */

import type {
  AliasConfiguration,
  CreateAliasCommandInput,
  DeleteAliasCommandInput,
  FunctionConfiguration,
  GetAliasCommandInput,
  ListAliasesCommandInput,
  ListAliasesCommandOutput,
  ListVersionsByFunctionCommandInput,
  ListVersionsByFunctionCommandOutput,
  PublishVersionCommandInput,
  UpdateAliasCommandInput,
} from '@aws-sdk/client-lambda';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { refuseMembers } from '../events/refuse.ts';
import { onFunction } from './asks.ts';
import { configurationShape } from './configuration.ts';
import { functionKey } from './names.ts';
import {
  type AliasRow,
  conflict,
  type FunctionRow,
  functionArn,
  functionNamed,
  invalid,
  lambdaTables,
  versionOf,
} from './rows.ts';

type Out<T> = Omit<T, '$metadata'>;

/** Freezes `$LATEST` as the next version; answers the last one when nothing changed since. */
export function publish(core: SandboxCore, region: string, row: FunctionRow, description: string): FunctionRow {
  const { versions } = lambdaTables(core, region);
  const published = versions.values().filter(({ name }) => name === row.name);
  const last = published.reduce((most, { version }) => Math.max(most, Number(version)), 0);
  const newest = versions.get(`${row.name}:${last}`);
  if (newest !== undefined && newest.code.sha256 === row.code.sha256 && newest.revision === row.revision) return newest;
  const version = String(last + 1);
  const frozen = {
    ...row,
    version,
    description: description || row.description,
    state: 'Active',
    updateStatus: 'Successful',
  } as const;
  return versions.put(`${row.name}:${version}`, frozen);
}

export function versionOperations(core: SandboxCore): Record<string, AnyOperation> {
  const aliases = (region: string) => lambdaTables(core, region).aliases;
  const alias = (region: string, given: string | undefined, name: string | undefined): AliasRow => {
    const key = functionKey(given);
    const row = aliases(region).get(`${key.name}:${name}`);
    if (row !== undefined) return row;
    const arn = functionArn(core, region, { name: key.name, qualifier: name ?? '' });
    throw new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${arn}`, { status: 404 });
  };
  const shape = (region: string, row: AliasRow): AliasConfiguration => ({
    AliasArn: functionArn(core, region, { name: row.functionName, qualifier: row.name }),
    Name: row.name,
    FunctionVersion: row.version,
    Description: row.description,
    RevisionId: row.revision,
  });

  return {
    PublishVersion: operation<PublishVersionCommandInput, FunctionConfiguration>(
      (input, call) => {
        refuseMembers('PublishVersion', input, ['PublishTo']);
        const row = functionNamed(core, call.region, functionKey(input.FunctionName).name);
        if (input.CodeSha256 !== undefined && input.CodeSha256 !== row.code.sha256) {
          throw invalid(
            `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${row.code.sha256}).`,
          );
        }
        return configurationShape(publish(core, call.region, row, input.Description ?? ''));
      },
      onFunction(core, 'PublishVersion'),
    ),

    ListVersionsByFunction: operation<ListVersionsByFunctionCommandInput, Out<ListVersionsByFunctionCommandOutput>>(
      (input, call) => {
        const row = functionNamed(core, call.region, functionKey(input.FunctionName).name);
        const versions = lambdaTables(core, call.region)
          .versions.values()
          .filter(({ name }) => name === row.name);
        const { items, next } = page([row, ...versions], input.Marker, input.MaxItems, 50);
        return { Versions: items.map(configurationShape), NextMarker: next };
      },
      onFunction(core, 'ListVersionsByFunction'),
    ),

    CreateAlias: operation<CreateAliasCommandInput, AliasConfiguration>(
      (input, call) => {
        refuseMembers('CreateAlias', input, ['RoutingConfig']);
        const { name } = functionKey(input.FunctionName);
        const { Name = '', FunctionVersion: version = '', Description: description = '' } = input;
        versionOf(core, call.region, { name, qualifier: version });
        if (aliases(call.region).has(`${name}:${Name}`)) {
          throw conflict(`Alias already exists: ${functionArn(core, call.region, { name, qualifier: Name })}`);
        }
        const row = { name: Name, functionName: name, version, description, revision: core.ids.uuid() };
        return shape(call.region, aliases(call.region).put(`${name}:${Name}`, row));
      },
      onFunction(core, 'CreateAlias'),
    ),

    UpdateAlias: operation<UpdateAliasCommandInput, AliasConfiguration>(
      (input, call) => {
        refuseMembers('UpdateAlias', input, ['RoutingConfig', 'RevisionId']);
        const row = alias(call.region, input.FunctionName, input.Name);
        const version = input.FunctionVersion ?? row.version;
        versionOf(core, call.region, { name: row.functionName, qualifier: version });
        const after = { ...row, version, description: input.Description ?? row.description, revision: core.ids.uuid() };
        return shape(call.region, aliases(call.region).put(`${row.functionName}:${row.name}`, after));
      },
      onFunction(core, 'UpdateAlias'),
    ),

    GetAlias: operation<GetAliasCommandInput, AliasConfiguration>(
      (input, call) => shape(call.region, alias(call.region, input.FunctionName, input.Name)),
      onFunction(core, 'GetAlias'),
    ),

    ListAliases: operation<ListAliasesCommandInput, Out<ListAliasesCommandOutput>>(
      (input, call) => {
        const { name } = functionNamed(core, call.region, functionKey(input.FunctionName).name);
        const found = aliases(call.region)
          .values()
          .filter((row) => row.functionName === name && (input.FunctionVersion ?? row.version) === row.version);
        const { items, next } = page(found, input.Marker, input.MaxItems, 50);
        return { Aliases: items.map((row) => shape(call.region, row)), NextMarker: next };
      },
      onFunction(core, 'ListAliases'),
    ),

    DeleteAlias: operation<DeleteAliasCommandInput, object>(
      (input, call) => {
        aliases(call.region).delete(`${functionKey(input.FunctionName).name}:${input.Name}`);
        return {};
      },
      onFunction(core, 'DeleteAlias'),
    ),
  };
}
