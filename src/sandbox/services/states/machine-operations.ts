/** State machines: created, changed, described, deleted. */

import type {
  CreateStateMachineCommandInput,
  CreateStateMachineCommandOutput,
  DeleteStateMachineCommandInput,
  DescribeStateMachineCommandInput,
  DescribeStateMachineCommandOutput,
  DescribeStateMachineForExecutionCommandInput,
  DescribeStateMachineForExecutionCommandOutput,
  ListStateMachinesCommandInput,
  ListStateMachinesCommandOutput,
  UpdateStateMachineCommandInput,
  UpdateStateMachineCommandOutput,
  ValidateStateMachineDefinitionCommandInput,
  ValidateStateMachineDefinitionCommandOutput,
} from '@aws-sdk/client-sfn';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { passRole } from '../../iam/pass-role.ts';
import { page } from '../events/paging.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { checkName, executionOf, machineArn, machineOf } from './arns.ts';
import { again, deleting, describeRevision, problemsOf, revisionOf } from './revision.ts';
import { type Revision, tablesOf } from './rows.ts';
import { tagsFrom } from './tags.ts';

type Out<T> = Omit<T, '$metadata'>;

export function machineOperations(core: SandboxCore): Record<string, AnyOperation> {
  const now = (region: string) => core.region(region).clock.now();
  const named = (action: string, name: string | undefined, call: Call): Ask[] => [
    { action: `states:${action}`, resource: machineArn(core, call.region, name ?? '') },
  ];

  return {
    CreateStateMachine: operation<CreateStateMachineCommandInput, Out<CreateStateMachineCommandOutput>>(
      async (input, call) => {
        const name = checkName(input.name);
        if ((input.type ?? 'STANDARD') !== 'STANDARD') throw unsupported(`CreateStateMachine with type ${input.type}`);
        refuseMembers('CreateStateMachine', input, ['publish', 'versionDescription']);
        const revision = await revisionOf(core, input, now(call.region));
        const { machines } = tablesOf(core, call.region);
        const arn = machineArn(core, call.region, name);
        const known = machines.get(arn);
        if (known !== undefined) return again(known, revision);
        const created = now(call.region);
        machines.put(arn, { arn, name, status: 'ACTIVE', created, revision, tags: tagsFrom(input.tags) });
        return { stateMachineArn: arn, creationDate: new Date(created) };
      },
      ({ name, roleArn }, call) => [
        ...named('CreateStateMachine', name, call),
        ...(roleArn === undefined ? [] : [passRole(roleArn, 'states.amazonaws.com')]),
      ],
    ),

    UpdateStateMachine: operation<UpdateStateMachineCommandInput, Out<UpdateStateMachineCommandOutput>>(
      async (input, call) => {
        const machine = machineOf(core, call.region, input.stateMachineArn);
        if (machine.status === 'DELETING') throw deleting(machine.arn);
        refuseMembers('UpdateStateMachine', input, ['publish', 'versionDescription']);
        const { definition, roleArn, loggingConfiguration, tracingConfiguration } = input;
        if ([definition, roleArn, loggingConfiguration, tracingConfiguration].every((value) => value === undefined)) {
          throw new AwsError(
            'MissingRequiredParameter',
            'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
          );
        }
        const updated = now(call.region);
        const before = machine.revision;
        const given = await revisionOf(
          core,
          {
            definition: definition ?? before.text,
            roleArn: roleArn ?? before.roleArn,
            loggingConfiguration: loggingConfiguration ?? before.loggingConfiguration,
            tracingConfiguration: tracingConfiguration ?? before.tracingConfiguration,
          },
          updated,
        );
        const revisionId = core.ids.uuid();
        const revision: Revision = { ...given, revisionId };
        tablesOf(core, call.region).machines.update(machine.arn, (row) => ({ ...row, revision }));
        return { updateDate: new Date(updated), revisionId };
      },
      ({ stateMachineArn = '*', roleArn }) => [
        { action: 'states:UpdateStateMachine', resource: stateMachineArn },
        ...(roleArn === undefined ? [] : [passRole(roleArn, 'states.amazonaws.com')]),
      ],
    ),

    DeleteStateMachine: operation<DeleteStateMachineCommandInput, object>(({ stateMachineArn = '' }, call) => {
      const { machines, executions } = tablesOf(core, call.region);
      const busy = executions.values().some((row) => row.machineArn === stateMachineArn && row.status === 'RUNNING');
      if (!busy) machines.delete(stateMachineArn);
      // Its executions are aborted at their next transition, and take the machine with them.
      else machines.update(stateMachineArn, (row) => ({ ...row, status: 'DELETING' }));
      return {};
    }, onMachine('DeleteStateMachine')),

    DescribeStateMachine: operation<DescribeStateMachineCommandInput, Out<DescribeStateMachineCommandOutput>>(
      ({ stateMachineArn, includedData }, call) => {
        requireWhole(includedData);
        const { arn, name, status, created, revision } = machineOf(core, call.region, stateMachineArn);
        return {
          stateMachineArn: arn,
          name,
          status,
          type: 'STANDARD',
          creationDate: new Date(created),
          ...describeRevision(revision),
        };
      },
      onMachine('DescribeStateMachine'),
    ),

    DescribeStateMachineForExecution: operation<
      DescribeStateMachineForExecutionCommandInput,
      Out<DescribeStateMachineForExecutionCommandOutput>
    >(
      ({ executionArn, includedData }, call) => {
        requireWhole(includedData);
        const { machineArn: arn, machineName, revision } = executionOf(core, call.region, executionArn);
        return {
          stateMachineArn: arn,
          name: machineName,
          updateDate: new Date(revision.updated),
          ...describeRevision(revision),
        };
      },
      ({ executionArn = '*' }) => [{ action: 'states:DescribeStateMachineForExecution', resource: executionArn }],
    ),

    ListStateMachines: operation<ListStateMachinesCommandInput, Out<ListStateMachinesCommandOutput>>((input, call) => {
      const all = tablesOf(core, call.region).machines.values();
      const { items, next } = page(all, input.nextToken, input.maxResults || undefined, 1000);
      const stateMachines = items.map(({ arn, name, created }) => ({
        stateMachineArn: arn,
        name,
        type: 'STANDARD' as const,
        creationDate: new Date(created),
      }));
      return { stateMachines, nextToken: next };
    }),

    ValidateStateMachineDefinition: operation<
      ValidateStateMachineDefinitionCommandInput,
      Out<ValidateStateMachineDefinitionCommandOutput>
    >(async ({ definition = '', type = 'STANDARD', maxResults = 0 }) => {
      if (type !== 'STANDARD') throw unsupported(`ValidateStateMachineDefinition with type ${type}`);
      const problems = await problemsOf(core, definition);
      return {
        result: problems.length === 0 ? 'OK' : 'FAIL',
        diagnostics: problems.slice(0, maxResults || 100).map(({ location, ...problem }) => ({
          severity: 'ERROR',
          ...problem,
          ...(location === '' ? {} : { location }),
        })),
        truncated: problems.length > (maxResults || 100),
      };
    }),
  };
}

function requireWhole(includedData: string | undefined): void {
  if (includedData === 'METADATA_ONLY') throw unsupported('describing a state machine with includedData METADATA_ONLY');
}

const onMachine =
  (action: string) =>
  ({ stateMachineArn = '*' }: { stateMachineArn: string | undefined }): Ask[] => [
    { action: `states:${action}`, resource: stateMachineArn },
  ];
