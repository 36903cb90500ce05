/** ARNs of RDS's resources, and names taken from them. */

import type { SandboxCore } from '../../contract.ts';
import { invalidValue } from './errors.ts';

export type ResourceKind = 'db' | 'snapshot' | 'subgrp' | 'pg' | 'og';

export const arnOf = (core: Pick<SandboxCore, 'account'>, region: string, kind: ResourceKind, name: string): string =>
  `arn:aws:rds:${region}:${core.account}:${kind}:${name}`;

export interface ResourceName {
  readonly region: string;
  readonly kind: ResourceKind;
  readonly name: string;
}

export function parseArn(core: Pick<SandboxCore, 'account'>, arn: string): ResourceName {
  const match = /^arn:aws:rds:([a-z0-9-]+):(\d{12}):(db|snapshot|subgrp|pg|og):(.+)$/.exec(arn);
  if (match === null || match[2] !== core.account) throw invalidValue(`Invalid resource name: ${arn}`);
  const [, region = '', , kind = 'db', name = ''] = match;
  return { region, kind: kind as ResourceKind, name };
}

/** A member that takes a name of the Region called, or an ARN of any. */
export function nameOrArn(
  core: Pick<SandboxCore, 'account'>,
  region: string,
  kind: ResourceKind,
  value: string,
): { readonly region: string; readonly name: string } {
  if (!value.startsWith('arn:')) return { region, name: value.toLowerCase() };
  const parsed = parseArn(core, value);
  if (parsed.kind !== kind) throw invalidValue(`Invalid resource name: ${value}`);
  return { region: parsed.region, name: parsed.name.toLowerCase() };
}
