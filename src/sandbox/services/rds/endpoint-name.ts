/** The DNS names of instances: `<id>.<hash>.<region>.rds.amazonaws.com`; the hash is one per account and Region. */

import { createHash } from 'node:crypto';
import type { InstanceRow } from './rows.ts';

export function endpointName(account: string, { region, id }: Pick<InstanceRow, 'region' | 'id'>): string {
  const digest = createHash('sha256').update(`${account}/${region}`).digest('hex');
  const hash = `c${BigInt(`0x${digest.slice(0, 24)}`)
    .toString(36)
    .padStart(11, '0')
    .slice(-11)}`;
  return `${id}.${hash}.${region}.rds.amazonaws.com`;
}
