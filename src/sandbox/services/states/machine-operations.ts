/** State machines: created, changed, described, deleted. */

import { isDeepStrictEqual } from 'node:util';
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
import type { Problem } from '../../asl/validation/problem.ts';
import { validateDefinition, wordsOf } from '../../asl/validation/validate.ts';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { passRole } from '../../iam/pass-role.ts';
import { page } from '../events/paging.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { checkName, executionOf, machineArn, machineOf } from './arns.ts';
import { integrationProblems } from './integrations/check.ts';
import { type MachineRow, type Revision, tablesOf } from './rows.ts';
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
      ({ stateMachineArn }, call) => {
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
      ({ executionArn }, call) => {
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
    >(async ({ definition = '', type = 'STANDARD' }) => {
      if (type !== 'STANDARD') throw unsupported(`ValidateStateMachineDefinition with type ${type}`);
      const problems = await problemsOf(core, definition);
      return {
        result: problems.length === 0 ? 'OK' : 'FAIL',
        diagnostics: problems.map((problem) => ({ severity: 'ERROR', ...problem })),
        truncated: false,
      };
    }),
  };
}

const onMachine =
  (action: string) =>
  ({ stateMachineArn = '*' }: { stateMachineArn: string | undefined }): Ask[] => [
    { action: `states:${action}`, resource: stateMachineArn },
  ];

export const deleting = (arn: string): AwsError =>
  new AwsError('StateMachineDeleting', `State Machine is deleting: '${arn}'`);

interface Given {
  readonly definition: string | undefined;
  readonly roleArn: string | undefined;
  readonly loggingConfiguration?: CreateStateMachineCommandInput['loggingConfiguration'];
  readonly tracingConfiguration?: CreateStateMachineCommandInput['tracingConfiguration'];
  readonly encryptionConfiguration?: CreateStateMachineCommandInput['encryptionConfiguration'];
}

/** Throws `InvalidDefinition`, `InvalidArn`, or a refusal by name. */
async function revisionOf(core: SandboxCore, given: Given, updated: number): Promise<Revision> {
  const { definition: text = '', roleArn = '', loggingConfiguration, tracingConfiguration } = given;
  if (!/^arn:aws:iam::\d{12}:role\/.+/.test(roleArn)) {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${roleArn}'`);
  }
  const encryption = given.encryptionConfiguration?.type ?? 'AWS_OWNED_KEY';
  if (encryption !== 'AWS_OWNED_KEY') throw unsupported(`a state machine with encryption by ${encryption}`);
  const level = loggingConfiguration?.level ?? 'OFF';
  if (level !== 'OFF') throw unsupported(`a state machine with logging of level ${level}`);
  const { definition, problems } = validateDefinition(text);
  const found = definition === undefined ? problems : await integrationProblems(core, definition);
  if (definition === undefined || found.length > 0) throw invalid(found);
  return {
    revisionId: undefined,
    text,
    definition,
    roleArn,
    loggingConfiguration: { includeExecutionData: false, ...loggingConfiguration, level },
    tracingConfiguration: { enabled: tracingConfiguration?.enabled ?? false },
    updated,
  };
}

async function problemsOf(core: SandboxCore, text: string): Promise<readonly Problem[]> {
  const { definition, problems } = validateDefinition(text);
  return definition === undefined ? problems : integrationProblems(core, definition);
}

/** What the sandbox lacks is refused as such; what AWS would refuse too is an invalid definition. */
function invalid(problems: readonly Problem[]): AwsError {
  const lacking = problems.filter(({ code }) => code === 'UNSUPPORTED');
  if (lacking.length > 0 && lacking.length === problems.length) {
    const what = lacking.map(
      ({ message, location }) => `${message.replace(/^The sandbox doesn't support |\.$/g, '')} (${location})`,
    );
    return unsupported(what.join(', '));
  }
  return new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${wordsOf(problems)}'`);
}

/** Creating what exists already, exactly as it is, changes nothing; any difference is an error. */
function again(known: MachineRow, { text, roleArn, loggingConfiguration, tracingConfiguration }: Revision) {
  if (known.status === 'DELETING') throw deleting(known.arn);
  const { revision } = known;
  const same =
    revision.text === text &&
    revision.roleArn === roleArn &&
    isDeepStrictEqual(revision.loggingConfiguration, loggingConfiguration) &&
    isDeepStrictEqual(revision.tracingConfiguration, tracingConfiguration);
  if (!same) throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${known.arn}'`);
  return { stateMachineArn: known.arn, creationDate: new Date(known.created) };
}

const describeRevision = ({ text, roleArn, loggingConfiguration, tracingConfiguration, revisionId }: Revision) => ({
  definition: text,
  roleArn,
  loggingConfiguration,
  tracingConfiguration,
  ...(revisionId === undefined ? {} : { revisionId }),
});
