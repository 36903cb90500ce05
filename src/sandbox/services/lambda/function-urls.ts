/**
 * Function URLs: their configuration, and the door each stands behind. A URL has an address of its own in its Region, as a load balancer
 * has, so that a person's browser on this machine reaches it over the link it would take, and nobody does while the Region is dark. What
 * AWS calls `https://<id>.lambda-url.<region>.on.aws/` is answered as `http://<address>:8080/`; inside the sandbox the name resolves too.
 */

import type {
  CreateFunctionUrlConfigCommandInput,
  CreateFunctionUrlConfigCommandOutput,
  DeleteFunctionUrlConfigCommandInput,
  FunctionUrlConfig,
  GetFunctionUrlConfigCommandInput,
  ListFunctionUrlConfigsCommandInput,
  ListFunctionUrlConfigsCommandOutput,
  UpdateFunctionUrlConfigCommandInput,
} from '@aws-sdk/client-lambda';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { onFunction } from './asks.ts';
import { functionKey } from './names.ts';
import type { UrlRow } from './rows.ts';
import { conflict, functionArn, functionNamed, lambdaTables, latest, qualifiedKey } from './rows.ts';
import type { UrlDoors } from './url-doors.ts';
import { urlPort } from './url-doors.ts';

export function functionUrlOperations(core: SandboxCore, doors: UrlDoors): Record<string, AnyOperation> {
  const urls = (region: string) => lambdaTables(core, region).urls;
  const shape = ({ address, arn, authType, created, modified }: UrlRow): FunctionUrlConfig => ({
    FunctionUrl: `http://${address}:${core.network.boundPort(urlPort)}/`,
    FunctionArn: arn,
    AuthType: authType,
    CreationTime: new Date(created).toISOString(),
    LastModifiedTime: new Date(modified).toISOString(),
    InvokeMode: 'BUFFERED',
  });

  /** The key of a URL: of the function itself, or of one of its aliases. Versions have none. */
  const keyOf = (given: string | undefined, qualifier: string | undefined, call: Call) => {
    const key = functionKey(given, qualifier);
    const known = lambdaTables(core, call.region);
    if (!known.functions.has(key.name) || (key.qualifier !== undefined && !known.aliases.has(qualifiedKey(key))))
      throw new AwsError('ResourceNotFoundException', 'Function does not exist', {
        status: 404,
        fields: { Type: 'User' },
      });
    return key;
  };
  const standing = (given: string | undefined, qualifier: string | undefined, call: Call): UrlRow => {
    const row = urls(call.region).get(qualifiedKey(keyOf(given, qualifier, call)));
    if (row !== undefined) return row;
    throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', {
      status: 404,
      fields: { Type: 'User' },
    });
  };

  return {
    CreateFunctionUrlConfig: operation<
      CreateFunctionUrlConfigCommandInput,
      Omit<CreateFunctionUrlConfigCommandOutput, '$metadata'>
    >(
      async (input, call) => {
        refuseWhatIsNotPlayed('CreateFunctionUrlConfig', input);
        const key = keyOf(input.FunctionName, input.Qualifier, call);
        const id = qualifiedKey(key);
        const arn = functionArn(core, call.region, key);
        if (urls(call.region).has(id)) {
          throw conflict(
            `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
          );
        }
        const now = core.clock.now();
        const row = urls(call.region).put(id, {
          id: core.ids.hex(32),
          key,
          arn,
          authType: 'NONE',
          address: core.network.allocate(call.region),
          created: now,
          modified: now,
        });
        await doors.open(call.region, row);
        const { AuthType = 'NONE', CreationTime, FunctionArn, FunctionUrl, InvokeMode } = shape(row);
        return { AuthType, CreationTime, FunctionArn, FunctionUrl, InvokeMode };
      },
      onFunction(core, 'CreateFunctionUrlConfig'),
    ),

    GetFunctionUrlConfig: operation<GetFunctionUrlConfigCommandInput, FunctionUrlConfig>(
      (input, call) => shape(standing(input.FunctionName, input.Qualifier, call)),
      onFunction(core, 'GetFunctionUrlConfig'),
    ),

    UpdateFunctionUrlConfig: operation<UpdateFunctionUrlConfigCommandInput, FunctionUrlConfig>(
      (input, call) => {
        refuseWhatIsNotPlayed('UpdateFunctionUrlConfig', input);
        const row = standing(input.FunctionName, input.Qualifier, call);
        return shape(urls(call.region).put(qualifiedKey(row.key), { ...row, modified: core.clock.now() }));
      },
      onFunction(core, 'UpdateFunctionUrlConfig'),
    ),

    DeleteFunctionUrlConfig: operation<DeleteFunctionUrlConfigCommandInput, object>(
      async (input, call) => {
        const row = standing(input.FunctionName, input.Qualifier, call);
        urls(call.region).delete(qualifiedKey(row.key));
        await doors.close(call.region, row);
        return {};
      },
      onFunction(core, 'DeleteFunctionUrlConfig'),
    ),

    ListFunctionUrlConfigs: operation<
      ListFunctionUrlConfigsCommandInput,
      Omit<ListFunctionUrlConfigsCommandOutput, '$metadata'>
    >(
      (input, call) => {
        const { name } = functionNamed(core, call.region, functionKey(input.FunctionName).name);
        const all = urls(call.region)
          .values()
          .filter(({ key }) => key.name === name);
        const { items, next } = page(all, input.Marker, input.MaxItems, 50);
        return { FunctionUrlConfigs: items.map(shape), NextMarker: next };
      },
      onFunction(core, 'ListFunctionUrlConfigs'),
    ),
  };
}

function refuseWhatIsNotPlayed(
  name: string,
  input: {
    readonly AuthType?: string | undefined;
    readonly InvokeMode?: string | undefined;
    readonly Qualifier?: string | undefined;
  },
): void {
  refuseMembers(name, input, ['Cors']);
  if (input.AuthType === 'AWS_IAM') throw unsupported(`${name} with AuthType AWS_IAM`);
  if (input.InvokeMode === 'RESPONSE_STREAM') throw unsupported(`${name} with InvokeMode RESPONSE_STREAM`);
  if (input.Qualifier === latest) throw unsupported(`${name} with Qualifier ${latest}`);
}
