/** What a rule's target may ask for in the sandbox. */

import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../contract.ts';
import { parseArn } from './arn.ts';
import { stepsOf } from './json-path.ts';
import { refuseMembers, unsupported } from './refuse.ts';

const playable = new Set(['lambda', 'states', 'sqs', 'sns', 'events', 'logs']);

const refused = [
  'KinesisParameters',
  'RunCommandParameters',
  'EcsParameters',
  'BatchParameters',
  'HttpParameters',
  'RedshiftDataParameters',
  'SageMakerPipelineParameters',
  'AppSyncParameters',
];

/** Throws `ValidationException` for a target AWS would refuse, `UnsupportedOperation` for one the sandbox can't play. */
export function checkTarget(target: Target): void {
  refuseMembers('PutTargets', target, refused);
  const arn = parseArn(target.Arn ?? '');
  if (!playable.has(arn.service)) throw unsupported(`the target ${arn.text}`);
  if (arn.service === 'states' && target.RoleArn === undefined) {
    throw new AwsError('ValidationException', `RoleArn is required for target ${arn.text}.`);
  }
  if (target.InputPath !== undefined) stepsOf(target.InputPath);
  for (const path of Object.values(target.InputTransformer?.InputPathsMap ?? {})) stepsOf(path);
}
