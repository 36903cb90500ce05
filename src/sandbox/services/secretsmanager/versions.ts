/** Versions of a secret and the labels that move between them: AWSCURRENT, AWSPREVIOUS and the caller's own. */

import type { SandboxCore } from '../../contract.ts';
import { alreadyExists, invalidParameter, notFound } from './errors.ts';
import type { SecretRow, VersionRow } from './rows.ts';
import type { Slot } from './vault.ts';
import { open, seal } from './vault.ts';

export interface ValueInput {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

type Value = Pick<VersionRow, 'kind'> & { readonly bytes: Buffer };

/** Secrets Manager's limit on a value. */
const longest = 65_536;

export const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';

/** The value given, if any; text and bytes exclude each other. */
export function valueIn({ SecretString: text, SecretBinary: binary }: ValueInput): Value | undefined {
  if (text !== undefined && binary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (text === undefined && binary === undefined) return undefined;
  const value: Value =
    text === undefined
      ? { kind: 'binary', bytes: Buffer.from(binary ?? []) }
      : { kind: 'text', bytes: Buffer.from(text) };
  if (value.bytes.length === 0 || value.bytes.length > longest) {
    throw invalidParameter(`A secret value has 1 to ${longest} bytes, not ${value.bytes.length}.`);
  }
  return value;
}

/**
 * Seals a value as the version `token`. The same token with the same value answers the version that is there; with another value it is
 * refused.
 */
export async function newVersion(
  core: SandboxCore,
  region: string,
  row: SecretRow,
  value: Value,
  token: string,
): Promise<VersionRow> {
  if (token.length < 32 || token.length > 64)
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
  const known = row.versions[token];
  if (known === undefined) {
    const sealed = await seal(core, slotOf(region, row, token), value.bytes);
    return { id: token, stages: [], kind: value.kind, sealed, createdAt: core.clock.now() };
  }
  if (known.kind === value.kind && (await openVersion(core, region, row, known)).equals(value.bytes)) return known;
  throw alreadyExists(
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${row.arn}.`,
  );
}

/** The secret with the version added and the labels moved to it; unchanged when it had the version already. */
export function withVersion(
  row: SecretRow,
  version: VersionRow | undefined,
  stages: readonly string[] = [current],
): SecretRow {
  if (version === undefined || row.versions[version.id] !== undefined) return row;
  const versions = labelled({ ...row.versions, [version.id]: version }, version.id, stages);
  return { ...row, versions: pruned(versions), changedAt: version.createdAt };
}

/** The labelled versions under another key; what has no label stays where it is. */
export async function resealed(
  core: SandboxCore,
  region: string,
  row: SecretRow,
  kmsKeyId: string,
): Promise<Record<string, VersionRow>> {
  const versions: Record<string, VersionRow> = {};
  for (const version of Object.values(row.versions).filter(({ stages }) => stages.length > 0)) {
    const slot = { ...slotOf(region, row, version.id), kmsKeyId };
    versions[version.id] = {
      ...version,
      sealed: await seal(core, slot, await openVersion(core, region, row, version)),
    };
  }
  return versions;
}

/** The version meant: by id, by label, by both; the current one by default. */
export function versionOf(
  row: SecretRow,
  { VersionId: id, VersionStage: stage }: { VersionId?: string | undefined; VersionStage?: string | undefined },
): VersionRow {
  const wanted = stage ?? (id === undefined ? current : undefined);
  const version = Object.values(row.versions).find(
    (one) => (id === undefined || one.id === id) && (wanted === undefined || one.stages.includes(wanted)),
  );
  if (version === undefined) {
    const what = id === undefined ? `staging label: ${wanted}` : `VersionId: ${id}`;
    throw notFound(`Secrets Manager can't find the specified secret value for ${what}`);
  }
  return version;
}

export const openVersion = (core: SandboxCore, region: string, row: SecretRow, version: VersionRow): Promise<Buffer> =>
  open(core, slotOf(region, row, version.id), version.sealed);

export const slotOf = (region: string, row: SecretRow, versionId: string): Slot => ({
  region,
  arn: row.arn,
  versionId,
  kmsKeyId: row.kmsKeyId,
});

/** Labels of versions that have any, as DescribeSecret answers them. */
export const stagesById = (row: SecretRow): Record<string, string[]> =>
  Object.fromEntries(
    Object.values(row.versions)
      .filter(({ stages }) => stages.length > 0)
      .map(({ id, stages }) => [id, [...stages]]),
  );

type Versions = SecretRow['versions'];

/** A label is on one version only; whichever loses AWSCURRENT becomes AWSPREVIOUS. */
function labelled(versions: Versions, to: string, stages: readonly string[]): Versions {
  const outgoing = stages.includes(current)
    ? Object.values(versions).find((one) => one.id !== to && one.stages.includes(current))
    : undefined;
  return Object.fromEntries(
    Object.values(versions).map((one) => {
      const taken = new Set([...stages, ...(outgoing === undefined ? [] : [previous])]);
      const kept = one.stages.filter((stage) => !taken.has(stage));
      const added = one.id === to ? stages : one === outgoing ? [previous] : [];
      return [one.id, { ...one, stages: [...kept, ...added] }];
    }),
  );
}

/** Versions without labels go when there are more than a hundred. */
function pruned(versions: Versions): Versions {
  const all = Object.values(versions);
  const unlabelled = all.filter(({ stages }) => stages.length === 0);
  const dropped = new Set(unlabelled.slice(0, Math.max(0, all.length - 100)).map(({ id }) => id));
  return Object.fromEntries(all.filter(({ id }) => !dropped.has(id)).map((one) => [one.id, one]));
}
