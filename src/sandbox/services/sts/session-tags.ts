/**
 * The tags of a new session: those it is given, and those its caller's session passes on. Keys are told apart whatever their case.
 * Source: IAM User Guide, "Pass session tags in AWS STS", "Chaining roles with session tags".
 */

import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { validationError } from '../iam/errors.ts';
import type { SessionRow } from './sessions.ts';

type Given = Pick<AssumeRoleCommandInput, 'Tags' | 'TransitiveTagKeys'>;

/** Refuses a tag that is inherited already, and a transitive key without its tag. `caller` is the session that asks, if one does. */
export function sessionTags(
  { Tags = [], TransitiveTagKeys: keys = [] }: Given,
  caller: SessionRow | undefined,
): Pick<SessionRow, 'tags' | 'transitive'> {
  const inherited = caller?.transitive ?? [];
  const given = Tags.map(({ Key = '', Value = '' }): [string, string] => [Key, Value]);
  for (const [key] of given) {
    if (has(inherited, key)) {
      throw validationError(`The tag ${key} can't be set: it is inherited from the session that assumes the role.`);
    }
  }
  const names = given.map(([key]) => key);
  const missing = keys.find((key) => !has(names, key));
  if (missing !== undefined) throw validationError(`The transitive tag key ${missing} is not among the Tags.`);
  const passedOn = inherited.map((key): [string, string] => [key, caller?.tags[key] ?? '']);
  return {
    tags: Object.fromEntries([...passedOn, ...given]),
    transitive: [...inherited, ...names.filter((name) => has(keys, name))],
  };
}

const has = (keys: readonly string[], key: string): boolean =>
  keys.some((one) => one.toLowerCase() === key.toLowerCase());
