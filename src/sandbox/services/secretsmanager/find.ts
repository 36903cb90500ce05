/** Finds secrets by name, by ARN, or by an ARN without its last six characters. */

import type { Call, SandboxCore } from '../../contract.ts';
import { invalidRequest, notFound, required } from './errors.ts';
import type { SecretRow } from './rows.ts';
import { secrets } from './rows.ts';

type Where = Pick<Call, 'region'>;

/** The secret, deleted or not. A deleted one whose time is over is gone. */
export function find(core: SandboxCore, where: Where, secretId: string | undefined): SecretRow | undefined {
  if (secretId === undefined) return undefined;
  if (!secretId.startsWith('arn:')) return live(core, where, secretId);
  const [, , , region, , , name = ''] = secretId.split(':');
  if (region !== where.region) return undefined;
  const whole = live(core, where, name.replace(/-[A-Za-z0-9]{6}$/, ''));
  if (whole?.arn === secretId) return whole;
  const partial = live(core, where, name);
  return partial?.arn.startsWith(`${secretId}-`) === true ? partial : undefined;
}

export function secretOf(core: SandboxCore, where: Where, secretId: string | undefined): SecretRow {
  const row = find(core, where, required(secretId, 'SecretId'));
  if (row === undefined) throw notFound("Secrets Manager can't find the specified secret.");
  return row;
}

/** A secret that isn't marked for deletion. */
export function readable(core: SandboxCore, where: Where, secretId: string | undefined): SecretRow {
  const row = secretOf(core, where, secretId);
  if (row.deletedAt !== undefined) {
    throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
  }
  return row;
}

/** One that may be changed here: a replica is changed through its primary. */
export function writable(core: SandboxCore, where: Where, secretId: string | undefined): SecretRow {
  const row = readable(core, where, secretId);
  refuseReplica(where, row);
  return row;
}

export function refuseReplica({ region }: Where, row: SecretRow): void {
  if (isReplica({ region }, row)) {
    throw invalidRequest("Operation not permitted on a replica secret. Call must be made in primary secret's region.");
  }
}

export const isReplica = ({ region }: Where, { primaryRegion }: SecretRow): boolean =>
  primaryRegion !== undefined && primaryRegion !== region;

export const liveSecrets = (core: SandboxCore, where: Where): SecretRow[] =>
  secrets(core, where.region)
    .values()
    .filter(({ name }) => live(core, where, name) !== undefined);

function live(core: SandboxCore, { region }: Where, name: string): SecretRow | undefined {
  const table = secrets(core, region);
  const row = table.get(name);
  if (row?.deletionAt === undefined || row.deletionAt > core.clock.now()) return row;
  table.delete(name);
  return undefined;
}
