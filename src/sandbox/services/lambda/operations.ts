/** Lambda: functions, versions, permissions, invocation, event sources. */

import type {
  GetAccountSettingsCommandInput,
  GetAccountSettingsCommandOutput,
  ListTagsCommandInput,
  ListTagsCommandOutput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-lambda';
import type { AnyOperation, SandboxCore, Service } from '../../contract.ts';
import { operation } from '../../contract.ts';
import type { FunctionRunner } from '../../functions/function-image.ts';
import { FunctionPool } from '../../functions/pool.ts';
import { withoutTags } from '../events/tags.ts';
import { onResource } from './asks.ts';
import { AsyncEvents } from './async-events.ts';
import { eventConfigOperations } from './event-configs.ts';
import { eventSourceOperations, resumeMappings } from './event-sources.ts';
import { functionFaults } from './faults.ts';
import { functionUrlOperations } from './function-urls.ts';
import { functionOperations, resumeFunctions } from './functions.ts';
import { Invocations } from './invocations.ts';
import { invokeOperation } from './invoke.ts';
import { functionKey } from './names.ts';
import { functionPolicy, permissionOperations } from './permissions.ts';
import { QueuePollers } from './queue-pollers.ts';
import { functionNamed, lambdaTables, notFound } from './rows.ts';
import type { UrlDoors } from './url-doors.ts';
import { urlDoors } from './url-doors.ts';
import { versionOperations } from './versions.ts';

/** What a function had open goes with it. */
function withoutDoors(deleting: AnyOperation | undefined, doors: UrlDoors): AnyOperation {
  if (deleting === undefined) throw new Error('Lambda without DeleteFunction.');
  return {
    ...deleting,
    async handle(input: unknown, call) {
      const output: unknown = await deleting.handle(input, call);
      await doors.sweep(call.region);
      return output;
    },
  };
}

type Out<T> = Omit<T, '$metadata'>;
type Tags = Readonly<Record<string, string>>;

/** `runner` runs the functions: in a pool of processes unless a test says otherwise. */
export function createLambdaService(core: SandboxCore, runner: FunctionRunner = new FunctionPool(core)): Service {
  const invocations = new Invocations(core, runner);
  const events = new AsyncEvents(core, invocations);
  const pollers = new QueuePollers(core, invocations);
  const doors = urlDoors(core, invocations);
  const functions = functionOperations(core, runner);

  /** Tags of a function or of an event source mapping, changed where a change is given. */
  const tags = (
    region: string,
    arn: string,
    change: (tags: Tags) => Record<string, string>,
  ): Record<string, string> => {
    const tables = lambdaTables(core, region);
    if (arn.includes(':event-source-mapping:')) {
      const row = tables.mappings.update(arn.split(':').at(-1) ?? '', (known) => ({
        ...known,
        tags: change(known.tags),
      }));
      if (row === undefined) throw notFound(core, region, { name: arn });
      return { ...row.tags };
    }
    const row = functionNamed(core, region, functionKey(arn).name);
    return { ...tables.functions.put(row.name, { ...row, tags: change(row.tags) }).tags };
  };

  return {
    name: 'lambda',
    faults: functionFaults(core),
    resourcePolicy: (arn) => functionPolicy(core, arn),
    regionDark: (region) => {
      invocations.regionDark(region);
      pollers.regionDark(region);
      runner.regionDark(region);
    },
    regionBack: (region) => {
      events.regionBack(region);
      pollers.regionBack(region);
    },
    resume: () => {
      resumeFunctions(core);
      resumeMappings(core, pollers);
      events.resume();
      return doors.resume();
    },
    look: () => doors.resume(),
    close: async () => {
      pollers.close();
      await doors.closeAll();
      await runner.close();
    },
    operations: {
      ...functions,
      DeleteFunction: withoutDoors(functions.DeleteFunction, doors),
      ...functionUrlOperations(core, doors),
      ...versionOperations(core),
      ...permissionOperations(core),
      ...eventConfigOperations(core),
      ...eventSourceOperations(core, pollers),
      Invoke: invokeOperation(core, invocations, events),

      TagResource: operation<TagResourceCommandInput, object>((input, call) => {
        tags(call.region, input.Resource ?? '', (known) => ({ ...known, ...input.Tags }));
        return {};
      }, onResource('TagResource')),
      UntagResource: operation<UntagResourceCommandInput, object>((input, call) => {
        tags(call.region, input.Resource ?? '', (known) => withoutTags(known, input.TagKeys ?? []));
        return {};
      }, onResource('UntagResource')),
      ListTags: operation<ListTagsCommandInput, Out<ListTagsCommandOutput>>(
        (input, call) => ({ Tags: tags(call.region, input.Resource ?? '', (known) => ({ ...known })) }),
        onResource('ListTags'),
      ),

      GetAccountSettings: operation<GetAccountSettingsCommandInput, Out<GetAccountSettingsCommandOutput>>(
        (_input, call) => {
          const functions = lambdaTables(core, call.region).functions.values();
          const reserved = functions.reduce((sum, row) => sum + (row.reserved ?? 0), 0);
          return {
            AccountLimit: {
              TotalCodeSize: 80_530_636_800,
              CodeSizeUnzipped: 262_144_000,
              CodeSizeZipped: 52_428_800,
              ConcurrentExecutions: 1000,
              UnreservedConcurrentExecutions: 1000 - reserved,
            },
            AccountUsage: {
              TotalCodeSize: functions.reduce((sum, row) => sum + row.code.size, 0),
              FunctionCount: functions.length,
            },
          };
        },
      ),
    },
  };
}
