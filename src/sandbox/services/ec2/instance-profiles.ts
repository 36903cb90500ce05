/** Which role an instance profile carries. Read from IAM's tables: IAM's questions are asked before anything can be awaited. */

import type { IamInstanceProfileSpecification } from '@aws-sdk/client-ec2';
import type { Ask, SandboxCore } from '../../contract.ts';
import { passRole } from '../../iam/pass-role.ts';
import type { InstanceProfileRow } from '../iam/rows.ts';
import { iamTables } from '../iam/rows.ts';
import { invalidParameter } from './errors.ts';

type ProfileReference = IamInstanceProfileSpecification | undefined;

/** The ARN of the profile, which must exist. Undefined when none is asked for. */
export function profileArn(core: SandboxCore, reference: ProfileReference): string | undefined {
  if (reference?.Arn === undefined && reference?.Name === undefined) return undefined;
  const row = findProfile(core, reference);
  if (row !== undefined) return row.arn;
  throw reference.Arn === undefined
    ? invalidParameter(
        `Value (${reference.Name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
      )
    : invalidParameter(
        `Value (${reference.Arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`,
      );
}

/** The question that passing a profile to EC2 raises: passing its role. */
export function askToPass(core: SandboxCore, reference: ProfileReference): Ask[] {
  const role = roleOf(core, findProfile(core, reference)?.arn);
  return role === undefined ? [] : [passRole(role.arn, 'ec2.amazonaws.com')];
}

/** The role of a profile: undefined when it has none, or is gone. */
export function roleOf(
  core: SandboxCore,
  arn: string | undefined,
): { readonly arn: string; readonly name: string } | undefined {
  const { roles } = iamTables(core);
  const profile = findProfile(core, { Arn: arn });
  const role = roles.get(profile?.role ?? '');
  return role === undefined ? undefined : { arn: role.arn, name: role.name };
}

const findProfile = (core: SandboxCore, reference: ProfileReference): InstanceProfileRow | undefined =>
  iamTables(core)
    .instanceProfiles.values()
    .find(
      (row) =>
        (reference?.Arn !== undefined && row.arn === reference.Arn) ||
        (reference?.Name !== undefined && row.name === reference.Name),
    );
