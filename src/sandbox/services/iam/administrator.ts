/**
 * The account's first credentials: a user with AdministratorAccess, there from the start. Not the root user, who on AWS can't assume
 * roles, as the CDK CLI must.
 */

import type { Principal, SandboxCore } from '../../contract.ts';
import { administratorAccess } from './aws-managed.ts';
import { iamArn } from './names.ts';
import { iamTables, uniqueId } from './rows.ts';
import { putAccessKey } from './users.ts';

const name = 'administrator';

export interface AdministratorCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly principal: Extract<Principal, { kind: 'user' }>;
}

/** The administrator's credentials; the user and its key are made on the first call and stay the same. */
export function administratorCredentials(core: SandboxCore): AdministratorCredentials {
  const { users, accessKeys } = iamTables(core);
  const user =
    users.get(name) ??
    users.put(name, {
      name,
      path: '/',
      id: uniqueId(core, 'AIDA'),
      arn: iamArn(core.account, 'user', '/', name),
      createdAt: core.clock.now(),
      tags: {},
      inline: {},
      attached: [administratorAccess],
    });
  const key = accessKeys.values().find(({ userName }) => userName === name) ?? putAccessKey(core, name);
  return {
    accessKeyId: key.id,
    secretAccessKey: key.secret,
    principal: { kind: 'user', account: core.account, arn: user.arn, userName: name },
  };
}
