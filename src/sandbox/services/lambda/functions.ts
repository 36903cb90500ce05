/** Functions: create, read, update and delete them, their reserved concurrency, versions' bodies and states. */

import { pathToFileURL } from 'node:url';
import type {
  CreateFunctionCommandInput,
  DeleteFunctionCommandInput,
  DeleteFunctionConcurrencyCommandInput,
  FunctionConfiguration,
  GetFunctionCommandInput,
  GetFunctionCommandOutput,
  GetFunctionConcurrencyCommandInput,
  GetFunctionConcurrencyCommandOutput,
  GetFunctionConfigurationCommandInput,
  ListFunctionsCommandInput,
  ListFunctionsCommandOutput,
  PutFunctionConcurrencyCommandInput,
  PutFunctionConcurrencyCommandOutput,
  UpdateFunctionCodeCommandInput,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import type { FunctionRunner } from '../../functions/function-image.ts';
import { passRole } from '../../iam/pass-role.ts';
import { page } from '../events/paging.ts';
import { refuseMembers } from '../events/refuse.ts';
import { onFunction } from './asks.ts';
import { takeCode } from './code.ts';
import { configurationShape, settingsOf } from './configuration.ts';
import { functionKey } from './names.ts';
import {
  conflict,
  type FunctionRow,
  functionArn,
  functionNamed,
  invalid,
  lambdaTables,
  latest,
  versionOf,
} from './rows.ts';
import { publish } from './versions.ts';

type Out<T> = Omit<T, '$metadata'>;

/**
 * Milliseconds of AWS time until a new function is Active and a changed one Successful. Estimates: AWS publishes none; functions
 * in a VPC wait for their network interface.
 */
const activation = { plain: 2000, vpc: 20_000 };

/** Concurrency of an account that no function may reserve. Source: Lambda quotas. */
const unreserved = { account: 1000, least: 100 };

function settle(core: SandboxCore, region: string, { name, revision, vpc }: FunctionRow): void {
  const delay = vpc === undefined ? activation.plain : activation.vpc;
  core.region(region).clock.after(delay, () => {
    lambdaTables(core, region).functions.update(name, (row) =>
      row.revision === revision ? { ...row, state: 'Active', updateStatus: 'Successful' } : row,
    );
  });
}

function reserveInEffect(core: SandboxCore, region: string, name: string): void {
  core.region(region).clock.after(core.timing.milliseconds('lambda_reserved_concurrency_change'), () => {
    lambdaTables(core, region).functions.update(name, (row) => ({ ...row, reservedInEffect: row.reserved }));
  });
}

/** Functions of an earlier life that were being made or changed go on being so, from the beginning. */
export function resumeFunctions(core: SandboxCore): void {
  for (const region of core.regions) {
    for (const row of lambdaTables(core, region).functions.values()) {
      if (row.state === 'Pending' || row.updateStatus === 'InProgress') settle(core, region, row);
      if (row.reserved !== row.reservedInEffect) reserveInEffect(core, region, row.name);
    }
  }
}

export function functionOperations(core: SandboxCore, runner: FunctionRunner): Record<string, AnyOperation> {
  const table = (region: string) => lambdaTables(core, region).functions;

  const changed = (call: Call, row: FunctionRow, change: Partial<FunctionRow>): FunctionRow => {
    const after = table(call.region).put(row.name, {
      ...row,
      ...change,
      modified: core.clock.now(),
      revision: core.ids.uuid(),
      updateStatus: 'InProgress',
    });
    runner.retire(call.region, row.name);
    settle(core, call.region, after);
    return after;
  };

  const changeable = (call: Call, given: string | undefined, revision: string | undefined): FunctionRow => {
    const row = functionNamed(core, call.region, functionKey(given).name);
    if (row.state === 'Pending' || row.updateStatus === 'InProgress') {
      throw conflict(
        `The operation cannot be performed at this time. An update is in progress for resource: ${row.arn}`,
      );
    }
    if (revision !== undefined && revision !== row.revision) {
      throw new AwsError(
        'PreconditionFailedException',
        'The Revision Id provided does not match the latest Revision Id.',
        { status: 412 },
      );
    }
    return row;
  };

  const reserve = (region: string, name: string, reserved: number | undefined): void => {
    table(region).update(name, (row) => ({ ...row, reserved }));
    reserveInEffect(core, region, name);
  };

  return {
    CreateFunction: operation<CreateFunctionCommandInput, FunctionConfiguration>(
      async (input, call) => {
        const { name } = functionKey(input.FunctionName);
        const exists = (): AwsError => conflict(`Function already exist: ${name}`);
        if (table(call.region).has(name)) throw exists();
        if (input.PackageType === 'Image')
          refuseMembers('CreateFunction', { 'PackageType Image': true }, ['PackageType Image']);
        const settings = await settingsOf(core, call, input, undefined);
        const code = await takeCode(core, call, name, input.Code ?? {});
        if (table(call.region).has(name)) throw exists();
        const row = table(call.region).put(name, {
          ...settings,
          name,
          arn: functionArn(core, call.region, { name }),
          version: latest,
          architectures: input.Architectures ?? ['x86_64'],
          code,
          modified: core.clock.now(),
          revision: core.ids.uuid(),
          state: 'Pending',
          updateStatus: 'Successful',
          tags: input.Tags ?? {},
        });
        settle(core, call.region, row);
        return configurationShape(input.Publish === true ? publish(core, call.region, row, '') : row);
      },
      (input, call) => [
        ...onFunction(core, 'CreateFunction')(input, call),
        passRole(input.Role ?? '', 'lambda.amazonaws.com'),
      ],
    ),

    GetFunction: operation<GetFunctionCommandInput, Out<GetFunctionCommandOutput>>(
      (input, call) => {
        const row = versionOf(core, call.region, functionKey(input.FunctionName, input.Qualifier));
        const { reserved, tags } = functionNamed(core, call.region, row.name);
        return {
          Configuration: configurationShape(row),
          Code: { RepositoryType: 'S3', Location: pathToFileURL(row.code.archive).href },
          Tags: { ...tags },
          ...(reserved === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: reserved } }),
        };
      },
      onFunction(core, 'GetFunction'),
    ),

    GetFunctionConfiguration: operation<GetFunctionConfigurationCommandInput, FunctionConfiguration>(
      (input, call) =>
        configurationShape(versionOf(core, call.region, functionKey(input.FunctionName, input.Qualifier))),
      onFunction(core, 'GetFunctionConfiguration'),
    ),

    UpdateFunctionCode: operation<UpdateFunctionCodeCommandInput, FunctionConfiguration>(
      async (input, call) => {
        refuseMembers('UpdateFunctionCode', input, ['PublishTo']);
        const { name } = changeable(call, input.FunctionName, input.RevisionId);
        const code = await takeCode(core, call, name, input);
        const before = changeable(call, input.FunctionName, input.RevisionId);
        if (input.DryRun === true) return configurationShape({ ...before, code });
        const after = changed(call, before, { code, architectures: input.Architectures ?? before.architectures });
        return configurationShape(input.Publish === true ? publish(core, call.region, after, '') : after);
      },
      onFunction(core, 'UpdateFunctionCode'),
    ),

    UpdateFunctionConfiguration: operation<UpdateFunctionConfigurationCommandInput, FunctionConfiguration>(
      async (input, call) => {
        const before = changeable(call, input.FunctionName, input.RevisionId);
        const settings = await settingsOf(core, call, input, before);
        return configurationShape(changed(call, changeable(call, input.FunctionName, input.RevisionId), settings));
      },
      (input, call) => [
        ...onFunction(core, 'UpdateFunctionConfiguration')(input, call),
        ...(input.Role === undefined ? [] : [passRole(input.Role, 'lambda.amazonaws.com')]),
      ],
    ),

    DeleteFunction: operation<DeleteFunctionCommandInput, { StatusCode: number }>(
      (input, call) => {
        const key = functionKey(input.FunctionName, input.Qualifier);
        const tables = lambdaTables(core, call.region);
        if (key.qualifier !== undefined) {
          if (key.qualifier === latest)
            throw invalid('$LATEST version cannot be deleted without deleting the function.');
          versionOf(core, call.region, key);
          tables.versions.delete(`${key.name}:${key.qualifier}`);
          return { StatusCode: 204 };
        }
        functionNamed(core, call.region, key.name);
        tables.functions.delete(key.name);
        for (const kept of [tables.versions, tables.aliases, tables.policies, tables.eventConfigs, tables.urls]) {
          for (const [each] of kept.entries()) if (each.startsWith(`${key.name}:`)) kept.delete(each);
        }
        runner.retire(call.region, key.name);
        return { StatusCode: 204 };
      },
      onFunction(core, 'DeleteFunction'),
    ),

    ListFunctions: operation<ListFunctionsCommandInput, Out<ListFunctionsCommandOutput>>((input, call) => {
      refuseMembers('ListFunctions', input, ['MasterRegion']);
      const versions = input.FunctionVersion === 'ALL' ? lambdaTables(core, call.region).versions.values() : [];
      const { items, next } = page([...table(call.region).values(), ...versions], input.Marker, input.MaxItems, 50);
      return { Functions: items.map(configurationShape), NextMarker: next };
    }),

    PutFunctionConcurrency: operation<PutFunctionConcurrencyCommandInput, Out<PutFunctionConcurrencyCommandOutput>>(
      (input, call) => {
        const { name } = functionNamed(core, call.region, functionKey(input.FunctionName).name);
        const wanted = input.ReservedConcurrentExecutions ?? 0;
        const others = table(call.region)
          .values()
          .filter((row) => row.name !== name);
        const reserved = others.reduce((sum, row) => sum + (row.reserved ?? 0), 0);
        if (unreserved.account - reserved - wanted < unreserved.least) {
          throw invalid(
            `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${unreserved.least}].`,
          );
        }
        reserve(call.region, name, wanted);
        return { ReservedConcurrentExecutions: wanted };
      },
      onFunction(core, 'PutFunctionConcurrency'),
    ),

    GetFunctionConcurrency: operation<GetFunctionConcurrencyCommandInput, Out<GetFunctionConcurrencyCommandOutput>>(
      (input, call) => ({
        ReservedConcurrentExecutions: functionNamed(core, call.region, functionKey(input.FunctionName).name).reserved,
      }),
      onFunction(core, 'GetFunctionConcurrency'),
    ),

    DeleteFunctionConcurrency: operation<DeleteFunctionConcurrencyCommandInput, object>(
      (input, call) => {
        reserve(call.region, functionNamed(core, call.region, functionKey(input.FunctionName).name).name, undefined);
        return {};
      },
      onFunction(core, 'DeleteFunctionConcurrency'),
    ),
  };
}
