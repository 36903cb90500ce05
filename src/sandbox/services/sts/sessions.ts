/** Temporary credentials: they are valid in every Region, so the table that knows them is global. */

import type { Principal, SandboxCore, Table } from '../../contract.ts';
import { globalScope } from '../../contract.ts';

export interface SessionRow {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly principal: Principal;
  /** The id of the role or user it stands for: a role made anew under the same name isn't the same. */
  readonly holderId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Session policies as JSON text, by a name for explanations. */
  readonly policies: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The keys of tags that go on to the sessions of roles assumed from this one. */
  readonly transitive: readonly string[];
  /** Condition keys of every call made with them: what the service that handed them out says of its instance or function. */
  readonly keys?: Readonly<Record<string, string>>;
}

/** A principal that carries the access key of its session: how IAM finds the session's policies and tags. */
export type SessionPrincipal = Principal & { readonly accessKeyId: string };

export const sessions = (core: SandboxCore): Table<SessionRow> => core.table('sts', globalScope, 'sessions');

/** The session a principal acts in, where it carries one. */
export function sessionOf(core: SandboxCore, principal: Principal): SessionRow | undefined {
  const { accessKeyId } = principal as Partial<SessionPrincipal>;
  return accessKeyId === undefined ? undefined : sessions(core).get(accessKeyId);
}
