/** Makes a key with fresh material. */

import type { Call, SandboxCore } from '../../contract.ts';
import type { KeyRow } from './rows.ts';
import { kmsTables } from './rows.ts';

export function newKey(
  core: SandboxCore,
  { account, region }: Pick<Call, 'account' | 'region'>,
  given: Pick<KeyRow, 'description' | 'policy' | 'manager'> & Partial<Pick<KeyRow, 'tags'>>,
): KeyRow {
  const id = core.ids.uuid();
  return kmsTables(core, region).keys.put(id, {
    id,
    arn: `arn:aws:kms:${region}:${account}:key/${id}`,
    region,
    material: Buffer.from(core.ids.hex(64), 'hex').toString('base64'),
    state: 'Enabled',
    createdAt: core.clock.now(),
    tags: {},
    ...given,
  });
}
