/**
 * Event source mappings of SQS queues. A mapping changes state in its own time, and while it does every change to it is refused, as on
 * AWS; it goes on polling while it is being disabled.
 */

import type {
  CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommandInput,
  EventSourceMappingConfiguration,
  GetEventSourceMappingCommandInput,
  ListEventSourceMappingsCommandInput,
  ListEventSourceMappingsCommandOutput,
  UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { messageOf } from '../../../kernel/errors.ts';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError, codeOf, operation } from '../../contract.ts';
import { parseArn } from '../events/arn.ts';
import { page } from '../events/paging.ts';
import { parsePattern } from '../events/pattern.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { assumeRole } from '../events/role-session.ts';
import { checkQueueAccess } from './execution-role.ts';
import { functionKey } from './names.ts';
import type { QueuePollers } from './queue-pollers.ts';
import { conflict, functionArn, invalid, lambdaTables, type MappingRow, versionOf } from './rows.ts';

type Out<T> = Omit<T, '$metadata'>;
type Settings = CreateEventSourceMappingCommandInput | UpdateEventSourceMappingCommandInput;

const refused = [
  'KMSKeyArn',
  'MetricsConfig',
  'LoggingConfig',
  'ParallelizationFactor',
  'StartingPosition',
  'StartingPositionTimestamp',
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'TumblingWindowInSeconds',
  'Topics',
  'Queues',
  'SourceAccessConfigurations',
  'SelfManagedEventSource',
  'AmazonManagedKafkaEventSourceConfig',
  'SelfManagedKafkaEventSourceConfig',
  'DocumentDBEventSourceConfig',
  'ProvisionedPollerConfig',
];

const transitional = new Set(['Creating', 'Enabling', 'Disabling', 'Updating', 'Deleting']);

export function eventSourceOperations(core: SandboxCore, pollers: QueuePollers): Record<string, AnyOperation> {
  const table = (region: string) => lambdaTables(core, region).mappings;
  const mappingArn = (region: string, uuid: string | undefined): string =>
    `arn:aws:lambda:${region}:${core.account}:event-source-mapping:${uuid}`;
  const onMapping =
    (action: string) =>
    ({ UUID }: { UUID: string | undefined }, call: Call): Ask[] => {
      const known = table(call.region).get(UUID ?? '');
      const context = known?.FunctionArn === undefined ? {} : { context: { 'lambda:FunctionArn': known.FunctionArn } };
      return [{ action: `lambda:${action}`, resource: mappingArn(call.region, UUID), ...context }];
    };

  const mapping = (region: string, uuid: string | undefined): MappingRow => {
    const row = table(region).get(uuid ?? '');
    if (row === undefined) {
      throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', {
        status: 404,
        fields: { Type: 'User' },
      });
    }
    return row;
  };
  const changeable = (region: string, uuid: string | undefined): MappingRow => {
    const row = mapping(region, uuid);
    if (!transitional.has(row.State)) return row;
    throw new AwsError(
      'ResourceInUseException',
      `Cannot update the event source mapping because it is in use. It is ${row.State}.`,
      {
        status: 400,
        fields: { Type: 'User' },
      },
    );
  };

  /** Enters a passing state, and leaves it for a settled one after the modelled time. */
  const pass = (
    region: string,
    row: MappingRow,
    state: string,
    settled: 'Enabled' | 'Disabled' | 'gone',
  ): MappingRow => {
    const passing = table(region).put(row.UUID, {
      ...row,
      State: state,
      settlesAs: settled,
      StateTransitionReason: 'USER_INITIATED',
      modified: core.clock.now(),
    });
    settle(core, pollers, region, passing);
    return passing;
  };

  return {
    CreateEventSourceMapping: operation<CreateEventSourceMappingCommandInput, EventSourceMappingConfiguration>(
      async (input, call) => {
        checkSettings(input);
        const key = functionKey(input.FunctionName);
        const source = input.EventSourceArn ?? '';
        await checkSource(core, call.region, source, key);
        const FunctionArn = functionArn(core, call.region, key);
        const twin = table(call.region)
          .values()
          .find((row) => row.EventSourceArn === source && row.FunctionArn === FunctionArn);
        if (twin !== undefined) {
          throw conflict(
            `An event source mapping with SQS arn ("${source}") and function ("${key.name}") already exists. Please update or delete the existing mapping with UUID ${twin.UUID}`,
          );
        }
        const UUID = core.ids.uuid();
        const row: MappingRow = {
          UUID,
          functionName: key.name,
          EventSourceArn: source,
          FunctionArn,
          EventSourceMappingArn: mappingArn(call.region, UUID),
          BatchSize: 10,
          MaximumBatchingWindowInSeconds: 0,
          FunctionResponseTypes: [],
          ...chosen(input),
          State: 'Creating',
          modified: core.clock.now(),
          tags: input.Tags ?? {},
        };
        return shape(
          pass(call.region, withoutEmpty(row), 'Creating', input.Enabled === false ? 'Disabled' : 'Enabled'),
        );
      },
      (input, call): Ask[] => [
        {
          action: 'lambda:CreateEventSourceMapping',
          resource: '*',
          context: { 'lambda:FunctionArn': functionArn(core, call.region, functionKey(input.FunctionName)) },
        },
      ],
    ),

    UpdateEventSourceMapping: operation<UpdateEventSourceMappingCommandInput, EventSourceMappingConfiguration>(
      (input, call) => {
        checkSettings(input);
        const before = changeable(call.region, input.UUID);
        const key = input.FunctionName === undefined ? undefined : functionKey(input.FunctionName);
        if (key !== undefined) versionOf(core, call.region, key);
        const aimed =
          key === undefined ? {} : { functionName: key.name, FunctionArn: functionArn(core, call.region, key) };
        const row = withoutEmpty({ ...before, ...chosen(input), ...aimed });
        const enabled = input.Enabled ?? before.State === 'Enabled';
        const toggled = enabled !== (before.State === 'Enabled');
        const state = toggled ? (enabled ? 'Enabling' : 'Disabling') : 'Updating';
        return shape(pass(call.region, row, state, enabled ? 'Enabled' : 'Disabled'));
      },
      onMapping('UpdateEventSourceMapping'),
    ),

    GetEventSourceMapping: operation<GetEventSourceMappingCommandInput, EventSourceMappingConfiguration>(
      (input, call) => shape(mapping(call.region, input.UUID)),
      onMapping('GetEventSourceMapping'),
    ),

    DeleteEventSourceMapping: operation<DeleteEventSourceMappingCommandInput, EventSourceMappingConfiguration>(
      (input, call) => shape(pass(call.region, changeable(call.region, input.UUID), 'Deleting', 'gone')),
      onMapping('DeleteEventSourceMapping'),
    ),

    ListEventSourceMappings: operation<ListEventSourceMappingsCommandInput, Out<ListEventSourceMappingsCommandOutput>>(
      (input, call) => {
        const name = input.FunctionName === undefined ? undefined : functionKey(input.FunctionName).name;
        const found = table(call.region)
          .values()
          .filter((row) => (name ?? row.functionName) === row.functionName)
          .filter((row) => (input.EventSourceArn ?? row.EventSourceArn) === row.EventSourceArn);
        const { items, next } = page(found, input.Marker, input.MaxItems);
        return { EventSourceMappings: items.map(shape), NextMarker: next };
      },
    ),
  };
}

/** Leaves a passing state after the modelled time. */
function settle(core: SandboxCore, pollers: QueuePollers, region: string, { UUID, settlesAs }: MappingRow): void {
  const { mappings } = lambdaTables(core, region);
  const duration = core.timing.milliseconds(settlesAs === 'Enabled' ? 'lambda_esm_enable_sqs' : 'lambda_esm_disable');
  core.region(region).clock.after(duration, () => {
    if (settlesAs !== 'Enabled') pollers.stop(region, UUID);
    if (settlesAs === 'gone') mappings.delete(UUID);
    else {
      mappings.update(UUID, ({ settlesAs: State = 'Disabled', ...row }) => ({
        ...row,
        State,
        modified: core.clock.now(),
      }));
    }
    if (settlesAs === 'Enabled') pollers.start(region, UUID);
  });
}

/** The mappings of an earlier life: who was polling polls, and who was passing from one state to another begins to anew. */
export function resumeMappings(core: SandboxCore, pollers: QueuePollers): void {
  for (const region of core.regions) {
    const { clock } = core.region(region);
    for (const row of lambdaTables(core, region).mappings.values()) {
      if (transitional.has(row.State)) settle(core, pollers, region, row);
      if (row.State === 'Enabled') clock.after(0, () => pollers.start(region, row.UUID));
    }
  }
}

const shape = ({
  modified,
  settlesAs: _settlesAs,
  functionName: _functionName,
  tags: _tags,
  ...row
}: MappingRow): EventSourceMappingConfiguration => ({
  ...row,
  LastModified: new Date(modified),
});

/** The members of a request that are settings of the mapping. */
const chosen = (input: Settings): Partial<MappingRow> => ({
  ...(input.BatchSize === undefined ? {} : { BatchSize: input.BatchSize }),
  ...(input.MaximumBatchingWindowInSeconds === undefined
    ? {}
    : { MaximumBatchingWindowInSeconds: input.MaximumBatchingWindowInSeconds }),
  ...(input.FilterCriteria === undefined ? {} : { FilterCriteria: input.FilterCriteria }),
  ...(input.FunctionResponseTypes === undefined ? {} : { FunctionResponseTypes: input.FunctionResponseTypes }),
  ...(input.ScalingConfig === undefined ? {} : { ScalingConfig: input.ScalingConfig }),
});

/** An empty scaling configuration takes away the one there was. Source: Lambda API Reference, ScalingConfig. */
function withoutEmpty({ ScalingConfig, ...row }: MappingRow): MappingRow {
  return ScalingConfig?.MaximumConcurrency === undefined ? row : { ...row, ScalingConfig };
}

function checkSettings(input: Settings): void {
  refuseMembers('event source mapping', input, refused);
  const { BatchSize = 10, MaximumBatchingWindowInSeconds: window = 0, FilterCriteria } = input;
  if (BatchSize > 10 && window === 0) {
    throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
  }
  for (const { Pattern = '{}' } of FilterCriteria?.Filters ?? []) parsePattern(Pattern);
}

/** The function's role must reach the queue, and the queue must hide messages for as long as the function may work on them. */
async function checkSource(
  core: SandboxCore,
  region: string,
  source: string,
  key: { name: string; qualifier?: string },
): Promise<void> {
  const arn = parseArn(source);
  if (arn.service !== 'sqs') throw unsupported(`the event source ${source}`);
  if (arn.region !== region) throw invalid(`The queue ${source} is in another Region than the function.`);
  const row = versionOf(core, region, key);
  try {
    const { principal } = await assumeRole(core, {
      service: 'lambda',
      region,
      roleArn: row.role,
      sessionName: row.name,
    });
    checkQueueAccess(core, { region, principal }, source);
    const sqs = { service: 'sqs', region, principal } as const;
    const named = { QueueName: arn.resource };
    const { QueueUrl } = await core.invoke<{ QueueUrl: string }>({
      ...sqs,
      operation: 'GetQueueUrl',
      input: named,
      principal: core.as('lambda'),
    });
    const asked = { QueueUrl, AttributeNames: ['VisibilityTimeout'] };
    const { Attributes = {} } = await core.invoke<{ Attributes?: Record<string, string> }>({
      ...sqs,
      operation: 'GetQueueAttributes',
      input: asked,
    });
    const visibility = Number(Attributes.VisibilityTimeout ?? 30);
    if (visibility < row.timeout) {
      throw invalid(
        `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${row.timeout} seconds`,
      );
    }
  } catch (error) {
    if (codeOf(error) === 'InvalidParameterValueException') throw error;
    throw invalid(`Error occurred while checking the event source ${source}: ${messageOf(error)}`);
  }
}
