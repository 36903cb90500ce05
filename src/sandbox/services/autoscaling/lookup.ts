/** Finding groups, and what IAM is asked about them. */

import type { Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { GroupRow } from './rows.ts';
import { scalingTables } from './rows.ts';

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);

export function groupOf(core: SandboxCore, region: string, name: string | undefined): GroupRow {
  const row = scalingTables(core, region).groups.get(name ?? '');
  if (row === undefined)
    throw validationError(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
  return row;
}

export function groupWith(core: SandboxCore, region: string, instanceId: string | undefined): GroupRow {
  const row = scalingTables(core, region)
    .groups.values()
    .find((group) => group.members.some((member) => member.id === instanceId));
  if (row === undefined)
    throw validationError(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
  return row;
}

/** A question about a group, with its tags. Before a group exists its id is unknown: `*`. */
export function askOnGroup(
  core: SandboxCore,
  call: Call,
  action: string,
  name: string | undefined,
  context: Ask['context'] = {},
): Ask {
  const row = scalingTables(core, call.region).groups.get(name ?? '');
  const keys = (row?.tags ?? []).flatMap(({ key, value }) => [
    [`aws:ResourceTag/${key}`, value],
    [`autoscaling:ResourceTag/${key}`, value],
  ]);
  return {
    action: `autoscaling:${action}`,
    resource: row?.arn ?? groupArn(core, call.region, '*', name ?? '*'),
    context: { ...Object.fromEntries(keys), ...context },
  };
}

export const groupArn = (core: SandboxCore, region: string, id: string, name: string): string =>
  `arn:aws:autoscaling:${region}:${core.account}:autoScalingGroup:${id}:autoScalingGroupName/${name}`;
