/** Stacks, resources, events, templates, exports and policies, as AWS shows them. */

import type {
  DescribeEventsCommandInput,
  DescribeEventsCommandOutput,
  DescribeStackEventsCommandInput,
  DescribeStackEventsCommandOutput,
  DescribeStackResourceCommandInput,
  DescribeStackResourceCommandOutput,
  DescribeStackResourcesCommandInput,
  DescribeStackResourcesCommandOutput,
  DescribeStacksCommandInput,
  DescribeStacksCommandOutput,
  ListExportsCommandInput,
  ListExportsCommandOutput,
  ListImportsCommandInput,
  ListImportsCommandOutput,
  ListStackResourcesCommandInput,
  ListStackResourcesCommandOutput,
  ListStacksCommandInput,
  ListStacksCommandOutput,
  OperationEvent,
  StackEvent as ShownEvent,
  Stack as ShownStack,
} from '@aws-sdk/client-cloudformation';
import { validationError } from '../../cloudformation/errors.ts';
import { shownParameters } from '../../cloudformation/parameters.ts';
import type { Stack, StackEvent, StackResource } from '../../cloudformation/stack.ts';
import { exportsIn, importersOf, stackTables } from '../../cloudformation/stack.ts';
import { parseTemplate } from '../../cloudformation/template.ts';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { askOnStack, page } from './requests.ts';
import { existing } from './stacks.ts';

type Answer<Output> = Omit<Output, '$metadata'>;

export function describeOperations(core: SandboxCore): Record<string, AnyOperation> {
  const asks = (name: string) => askOnStack(core, name);
  const tables = (call: Call) => stackTables(core, call.region);
  return {
    DescribeStacks: operation<DescribeStacksCommandInput, Answer<DescribeStacksCommandOutput>>((input, call) => {
      const { StackName: name } = input;
      if (name !== undefined) return { Stacks: [shownStack(existing(core, call, name))] };
      const live = tables(call)
        .stacks.values()
        .filter(({ status }) => status !== 'DELETE_COMPLETE');
      const { items, next } = page(live, input.NextToken);
      return { Stacks: items.map(shownStack), ...(next === undefined ? {} : { NextToken: next }) };
    }, asks('DescribeStacks')),

    DescribeStackEvents: operation<DescribeStackEventsCommandInput, Answer<DescribeStackEventsCommandOutput>>(
      (input, call) => {
        const { id } = existing(core, call, input.StackName);
        const { items, next } = page((tables(call).events.get(id) ?? []).toReversed(), input.NextToken);
        return { StackEvents: items.map(shownEvent), ...(next === undefined ? {} : { NextToken: next }) };
      },
      asks('DescribeStackEvents'),
    ),

    DescribeEvents: operation<DescribeEventsCommandInput, Answer<DescribeEventsCommandOutput>>((input, call) => {
      if (input.OperationId !== undefined) {
        throw validationError("The sandbox's CloudFormation doesn't number operations: ask by StackName");
      }
      // Change sets are computed in one go: they have no events of their own.
      if (input.ChangeSetName !== undefined) return { OperationEvents: [] };
      const { id } = existing(core, call, input.StackName);
      const failed = input.Filters?.FailedEvents === true;
      const events = (tables(call).events.get(id) ?? [])
        .filter(({ status }) => !failed || status.endsWith('FAILED'))
        .toReversed();
      const { items, next } = page(events, input.NextToken);
      return { OperationEvents: items.map(operationEvent), ...(next === undefined ? {} : { NextToken: next }) };
    }, asks('DescribeEvents')),

    DescribeStackResources: operation<DescribeStackResourcesCommandInput, Answer<DescribeStackResourcesCommandOutput>>(
      (input, call) => {
        const { LogicalResourceId: logicalId, PhysicalResourceId: physicalId } = input;
        const stack =
          input.StackName === undefined
            ? tables(call)
                .stacks.values()
                .find((item) => Object.values(item.resources).some((resource) => resource.physicalId === physicalId))
            : existing(core, call, input.StackName);
        if (stack === undefined) throw validationError(`Stack for ${physicalId} does not exist`);
        const found = Object.values(stack.resources).filter(
          (resource) =>
            (logicalId === undefined || resource.logicalId === logicalId) &&
            (physicalId === undefined || resource.physicalId === physicalId),
        );
        return {
          StackResources: found.map((resource) => ({
            StackName: stack.name,
            StackId: stack.id,
            ...shownResource(resource),
            Timestamp: new Date(resource.timestamp),
          })),
        };
      },
      asks('DescribeStackResources'),
    ),

    DescribeStackResource: operation<DescribeStackResourceCommandInput, Answer<DescribeStackResourceCommandOutput>>(
      (input, call) => {
        const stack = existing(core, call, input.StackName);
        const id = input.LogicalResourceId ?? '';
        const resource = Object.hasOwn(stack.resources, id) ? stack.resources[id] : undefined;
        if (resource === undefined) {
          throw validationError(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
        }
        return {
          StackResourceDetail: {
            StackName: stack.name,
            StackId: stack.id,
            ...shownResource(resource),
            LastUpdatedTimestamp: new Date(resource.timestamp),
            Metadata: JSON.stringify(resource.metadata),
          },
        };
      },
      asks('DescribeStackResource'),
    ),

    ListStackResources: operation<ListStackResourcesCommandInput, Answer<ListStackResourcesCommandOutput>>(
      (input, call) => {
        const stack = existing(core, call, input.StackName);
        const { items, next } = page(Object.values(stack.resources), input.NextToken);
        return {
          StackResourceSummaries: items.map((resource) => ({
            ...shownResource(resource),
            LastUpdatedTimestamp: new Date(resource.timestamp),
          })),
          ...(next === undefined ? {} : { NextToken: next }),
        };
      },
      asks('ListStackResources'),
    ),

    ListStacks: operation<ListStacksCommandInput, Answer<ListStacksCommandOutput>>((input, call) => {
      const filter = input.StackStatusFilter ?? [];
      const all = tables(call)
        .stacks.values()
        .filter(({ status }) => filter.length === 0 || filter.includes(status as (typeof filter)[number]));
      const { items, next } = page(all, input.NextToken);
      return {
        StackSummaries: items.map((stack) => ({
          ...identity(stack),
          ...times(stack),
          ...described(stack),
        })),
        ...(next === undefined ? {} : { NextToken: next }),
      };
    }),

    ListExports: operation<ListExportsCommandInput, Answer<ListExportsCommandOutput>>((input, call) => {
      const { items, next } = page(exportsIn(tables(call)), input.NextToken);
      return {
        Exports: items.map(({ name, value, stackId }) => ({ Name: name, Value: value, ExportingStackId: stackId })),
        ...(next === undefined ? {} : { NextToken: next }),
      };
    }),

    ListImports: operation<ListImportsCommandInput, Answer<ListImportsCommandOutput>>((input, call) => {
      const { ExportName: name = '' } = input;
      const importers = importersOf(tables(call), name);
      if (importers.length === 0) throw validationError(`Export '${name}' is not imported by any stack.`);
      const { items, next } = page(importers, input.NextToken);
      return { Imports: items, ...(next === undefined ? {} : { NextToken: next }) };
    }),
  };
}

const identity = ({ id, name, status, statusReason }: Stack) => ({
  StackId: id,
  StackName: name,
  StackStatus: status as NonNullable<ShownStack['StackStatus']>,
  ...(statusReason === undefined ? {} : { StackStatusReason: statusReason }),
});

const times = ({ creationTime, lastUpdatedTime, deletionTime }: Stack) => ({
  CreationTime: new Date(creationTime),
  ...(lastUpdatedTime === undefined ? {} : { LastUpdatedTime: new Date(lastUpdatedTime) }),
  ...(deletionTime === undefined ? {} : { DeletionTime: new Date(deletionTime) }),
});

/** The template's description; a stack under review has no template yet. */
function described({ content }: Stack): { Description?: string; TemplateDescription?: string } {
  const description = content.template === '' ? undefined : parseTemplate(content.template).description;
  return description === undefined ? {} : { TemplateDescription: description };
}

function shownStack(stack: Stack): ShownStack {
  const { content, changeSetId, roleArn } = stack;
  const { TemplateDescription: description } = described(stack);
  return {
    ...identity(stack),
    ...times(stack),
    CreationTime: new Date(stack.creationTime),
    ...(description === undefined ? {} : { Description: description }),
    ...(changeSetId === undefined ? {} : { ChangeSetId: changeSetId }),
    ...(roleArn === undefined ? {} : { RoleARN: roleArn }),
    Parameters: shownParameters(content.parameters),
    Capabilities: [...content.capabilities] as NonNullable<ShownStack['Capabilities']>,
    Tags: Object.entries(content.tags).map(([Key, Value]) => ({ Key, Value })),
    Outputs: content.outputs.map(({ key, value, description: about, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      ...(about === undefined ? {} : { Description: about }),
      ...(exportName === undefined ? {} : { ExportName: exportName }),
    })),
    NotificationARNs: [],
    RollbackConfiguration: {},
    DisableRollback: stack.disableRollback,
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

const shownResource = ({ logicalId, physicalId, type, status, statusReason }: StackResource) => ({
  LogicalResourceId: logicalId,
  ...(physicalId === undefined ? {} : { PhysicalResourceId: physicalId }),
  ResourceType: type,
  ResourceStatus: status as NonNullable<ShownEvent['ResourceStatus']>,
  ...(statusReason === undefined ? {} : { ResourceStatusReason: statusReason }),
});

const shownEvent = (event: StackEvent): ShownEvent => ({
  StackId: event.stackId,
  StackName: event.stackName,
  EventId: event.id,
  LogicalResourceId: event.logicalId,
  PhysicalResourceId: event.physicalId ?? '',
  ResourceType: event.type,
  Timestamp: new Date(event.timestamp),
  ResourceStatus: event.status as NonNullable<ShownEvent['ResourceStatus']>,
  ...(event.reason === undefined ? {} : { ResourceStatusReason: event.reason }),
  ...(event.properties === undefined ? {} : { ResourceProperties: event.properties }),
  ...(event.token === undefined ? {} : { ClientRequestToken: event.token }),
});

const operationEvent = (event: StackEvent): OperationEvent => ({
  EventId: event.id,
  StackId: event.stackId,
  EventType: 'STACK_EVENT',
  LogicalResourceId: event.logicalId,
  PhysicalResourceId: event.physicalId ?? '',
  ResourceType: event.type,
  Timestamp: new Date(event.timestamp),
  ResourceStatus: event.status as NonNullable<OperationEvent['ResourceStatus']>,
  ...(event.reason === undefined ? {} : { ResourceStatusReason: event.reason }),
});
