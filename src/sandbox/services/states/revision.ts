/** What a state machine is at one time: its definition, judged, and its role and settings. */

import { isDeepStrictEqual } from 'node:util';
import type { CreateStateMachineCommandInput } from '@aws-sdk/client-sfn';
import type { Problem } from '../../asl/validation/problem.ts';
import { validateDefinition, wordsOf } from '../../asl/validation/validate.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { unsupported } from '../events/refuse.ts';
import { integrationProblems } from './integrations/check.ts';
import type { MachineRow, Revision } from './rows.ts';

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
export async function revisionOf(core: SandboxCore, given: Given, updated: number): Promise<Revision> {
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

export async function problemsOf(core: SandboxCore, text: string): Promise<readonly Problem[]> {
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
export function again(known: MachineRow, { text, roleArn, loggingConfiguration, tracingConfiguration }: Revision) {
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

export const describeRevision = ({
  text,
  roleArn,
  loggingConfiguration,
  tracingConfiguration,
  revisionId,
}: Revision) => ({
  definition: text,
  roleArn,
  loggingConfiguration,
  tracingConfiguration,
  ...(revisionId === undefined ? {} : { revisionId }),
});
