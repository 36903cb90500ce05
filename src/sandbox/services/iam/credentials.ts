/** Whose credentials a signature was made with. */

import type { Principal, SandboxCore } from '../../contract.ts';
import type { SessionPrincipal } from '../sts/sessions.ts';
import { sessions } from '../sts/sessions.ts';
import { iamTables } from './rows.ts';

export interface KnownCredentials {
  readonly secretAccessKey: string;
  readonly principal: Principal;
}

/**
 * The secret to check a signature with, and the principal it speaks for; `expired` where the session has ended in AWS time; undefined
 * for unknown keys, wrong tokens, and sessions whose role or user is gone.
 */
export function credentials(
  core: SandboxCore,
  accessKeyId: string,
  sessionToken?: string,
): KnownCredentials | 'expired' | undefined {
  const session = sessions(core).get(accessKeyId);
  if (session !== undefined) {
    if (session.sessionToken !== sessionToken || !isThere(core, session)) return undefined;
    if (session.expiresAt <= core.clock.now()) return 'expired';
    const principal: SessionPrincipal = { ...session.principal, accessKeyId };
    return { secretAccessKey: session.secretAccessKey, principal };
  }
  const { accessKeys, users } = iamTables(core);
  const key = accessKeys.get(accessKeyId);
  const user = users.get(key?.userName ?? '');
  if (key?.active !== true || user === undefined || sessionToken !== undefined) return undefined;
  return {
    secretAccessKey: key.secret,
    principal: { kind: 'user', account: core.account, arn: user.arn, userName: user.name },
  };
}

function isThere(core: SandboxCore, { principal, holderId }: { principal: Principal; holderId: string }): boolean {
  const { roles, users } = iamTables(core);
  if (principal.kind === 'role') return roles.get(principal.roleName)?.id === holderId;
  if (principal.kind === 'user') return users.get(principal.userName)?.id === holderId;
  return principal.kind === 'root';
}
