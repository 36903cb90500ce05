/** The role of a state machine, assumed as `states.amazonaws.com`: sessions are kept until shortly before they expire. */

import { messageOf } from '../../../kernel/errors.ts';
import { StatesError } from '../../asl/errors.ts';
import type { Principal, SandboxCore } from '../../contract.ts';
import { assumeRole, type RoleSession } from '../events/role-session.ts';

const margin = 300_000;

export class MachineRoles {
  readonly #core: SandboxCore;
  readonly #sessions = new Map<string, RoleSession>();

  constructor(core: SandboxCore) {
    this.#core = core;
  }

  /** Rejects with `States.Permissions` when the role can't be assumed. */
  async principal(region: string, roleArn: string, sessionName: string, sourceArn: string): Promise<Principal> {
    const key = `${region}/${roleArn}/${sessionName}`;
    const now = this.#core.region(region).clock.now();
    const known = this.#sessions.get(key);
    if (known !== undefined && known.expires - margin > now) return known.principal;
    try {
      const session = await assumeRole(this.#core, { service: 'states', region, roleArn, sessionName, sourceArn });
      this.#sessions.set(key, session);
      return session.principal;
    } catch (error) {
      throw new StatesError(
        'States.Permissions',
        `The role ${roleArn} can't be assumed by states.amazonaws.com: ${messageOf(error)}`,
      );
    }
  }

  /** A session is of no use once its execution has ended. */
  forget(sessionName: string): void {
    for (const key of this.#sessions.keys()) if (key.endsWith(`/${sessionName}`)) this.#sessions.delete(key);
  }
}
