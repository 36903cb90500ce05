/** The hosted zones a sandbox begins with: those an account has before anything is deployed, under ids that a config names. */

import { usageError } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import { recordKey } from './changes.ts';
import { fullName, route53Tables, type ZoneRow } from './rows.ts';
import { apexRecords, nameServers } from './zone-records.ts';

export interface SeedZone {
  /** `example.com` */
  readonly name: string;
}

/** By id: `Z0123456789ABCDEFGHIJ`. Answers the zones that are new; those of an earlier life stay as they are. */
export function seedZones(core: SandboxCore, zones: Readonly<Record<string, SeedZone>>): ZoneRow[] {
  const tables = route53Tables(core);
  return Object.entries(zones).flatMap(([id, { name }]) => {
    if (!/^Z[A-Z0-9]{1,31}$/.test(id)) {
      throw usageError('A hosted zone to begin with has no id that Route 53 gives.', {
        given: id,
        allowed: 'Z and up to 31 capital letters and digits',
      });
    }
    if (tables.zones.has(id)) return [];
    const zone = tables.zones.put(id, { id, name: fullName(name), callerReference: `seed-${id}`, nameServers });
    // Its own records have been everywhere for long.
    for (const record of apexRecords(zone)) {
      for (const table of [tables.records(id), tables.served(id)]) table.put(recordKey(record), record);
    }
    return [zone];
  });
}
