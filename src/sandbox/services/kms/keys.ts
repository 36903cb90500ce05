/** Finds keys by all the names KMS knows them by, and says whether they can be used. */

import type { Call, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { notFound, required, validation } from './errors.ts';
import { managedKey } from './managed-keys.ts';
import type { AliasRow, KeyRow } from './rows.ts';
import { kmsTables } from './rows.ts';

type Where = Pick<Call, 'account' | 'region'>;

/** By id, key ARN, alias name or alias ARN, of this Region only. AWS's own keys come into being when they are first named. */
export function keyOf(core: SandboxCore, where: Where, given: string | undefined): KeyRow {
  const name = localName(where, required(given, 'keyId'));
  if (name.startsWith('alias/')) {
    const managed = managedKey(core, where, name);
    if (managed !== undefined) return managed;
    const alias = aliasOf(core, where, name);
    const row = liveKey(core, where, alias?.keyId ?? '');
    if (row === undefined) throw notFound(`Alias arn:aws:kms:${where.region}:${where.account}:${name} is not found.`);
    return row;
  }
  const row = liveKey(core, where, name);
  if (row === undefined)
    throw notFound(`Key 'arn:aws:kms:${where.region}:${where.account}:key/${name}' does not exist`);
  return row;
}

/** A key its account may change. */
export function customerKey(core: SandboxCore, where: Where, given: string | undefined): KeyRow {
  const row = keyOf(core, where, given);
  if (row.manager === 'AWS')
    throw new AwsError('AccessDeniedException', `${row.arn} is managed by AWS: it can't be changed.`);
  return row;
}

/** Throws unless the key can encrypt and decrypt now. */
export function usable(row: KeyRow): KeyRow {
  if (row.state === 'Disabled') throw new AwsError('DisabledException', `${row.arn} is disabled.`);
  return notPending(row);
}

export function notPending(row: KeyRow): KeyRow {
  if (row.state === 'PendingDeletion')
    throw new AwsError('KMSInvalidStateException', `${row.arn} is pending deletion.`);
  return row;
}

/** A key that is there; one whose waiting time is over goes with its aliases and grants when it is next looked for. */
export function liveKey(core: SandboxCore, { region }: Pick<Call, 'region'>, id: string): KeyRow | undefined {
  const { keys, aliases, grants } = kmsTables(core, region);
  const row = keys.get(id);
  if (row?.deletionAt === undefined || row.deletionAt > core.clock.now()) return row;
  keys.delete(id);
  for (const alias of aliases.values()) if (alias.keyId === id) aliases.delete(alias.name);
  for (const grant of grants.values()) if (grant.keyId === id) grants.delete(grant.id);
  return undefined;
}

export const liveKeys = (core: SandboxCore, where: Pick<Call, 'region'>): KeyRow[] =>
  kmsTables(core, where.region)
    .keys.values()
    .filter(({ id }) => liveKey(core, where, id) !== undefined);

export const aliasOf = (core: SandboxCore, { region }: Pick<Call, 'region'>, name: string): AliasRow | undefined =>
  kmsTables(core, region).aliases.get(name);

/** The id or `alias/…` in a name; an ARN must be of this Region and account. */
function localName({ region, account }: Where, given: string): string {
  if (!given.startsWith('arn:')) {
    if (!/^(alias\/[\w/-]+|[\w-]+)$/.test(given)) throw validation(`Invalid keyId '${given}'`);
    return given;
  }
  const [, , service, arnRegion, arnAccount, resource = ''] = given.split(':');
  if (service !== 'kms' || !/^(key|alias)\//.test(resource)) throw validation(`Invalid ARN ${given}`);
  if (arnRegion !== region) throw notFound(`Invalid arn ${arnRegion}`);
  if (arnAccount !== account) throw notFound(`Key '${given}' does not exist`);
  return resource.startsWith('key/') ? resource.slice('key/'.length) : resource;
}
