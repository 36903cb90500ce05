/** Makes temporary credentials and keeps them until they have long expired. */

import type { Principal, SandboxCore } from '../../contract.ts';
import { uniqueId } from '../iam/rows.ts';
import type { SessionRow } from './sessions.ts';
import { sessions } from './sessions.ts';

export interface SessionRequest {
  readonly principal: Principal;
  readonly holderId: string;
  /** Seconds of AWS time. */
  readonly duration: number;
  readonly policies?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitive?: readonly string[];
  readonly keys?: Readonly<Record<string, string>> | undefined;
}

export function issueSession(core: SandboxCore, request: SessionRequest): SessionRow {
  const issuedAt = core.clock.now();
  forgetLongExpired(core, issuedAt);
  const accessKeyId = uniqueId(core, 'ASIA', 16);
  return sessions(core).put(accessKeyId, {
    accessKeyId,
    secretAccessKey: core.ids.hex(40),
    sessionToken: Buffer.from(core.ids.hex(192), 'hex').toString('base64'),
    principal: request.principal,
    holderId: request.holderId,
    issuedAt,
    expiresAt: issuedAt + 1000 * request.duration,
    policies: request.policies ?? {},
    tags: request.tags ?? {},
    transitive: request.transitive ?? [],
    ...(request.keys === undefined ? {} : { keys: request.keys }),
  });
}

export const credentialsOutput = (row: SessionRow) => ({
  AccessKeyId: row.accessKeyId,
  SecretAccessKey: row.secretAccessKey,
  SessionToken: row.sessionToken,
  Expiration: new Date(row.expiresAt),
});

/** Kept for a while after they end, so that they are told apart from credentials that never were. */
const keptAfterExpiry = 3_600_000;
/** Milliseconds of AWS time between two looks at all of them: most live for as long, so a look finds many or none. */
const betweenLooks = 600_000;
const nextLook = new WeakMap<SandboxCore, number>();

function forgetLongExpired(core: SandboxCore, now: number): void {
  if (now < (nextLook.get(core) ?? 0)) return;
  nextLook.set(core, now + betweenLooks);
  const table = sessions(core);
  for (const [id, { expiresAt }] of table.entries()) if (expiresAt + keptAfterExpiry < now) table.delete(id);
}
