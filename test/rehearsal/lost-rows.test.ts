import { expect, test } from 'vitest';
import { parseInserts } from '../../src/rehearsal/lost-rows.ts';

const log = `
#261123 16:00:01 server id 1  end_log_pos 400 CRC32 0x1  GTID 0-1-101 trans
/*!100101 SET @@session.skip_parallel_replication=0*//*!*/;
### INSERT INTO \`photos\`.\`photos\`
### SET
###   @1='c0-000051-aabbccdd' /* VARSTRING(256) meta=256 nullable=0 is_null=0 */
###   @2=19254 /* INT meta=0 nullable=0 is_null=0 */
#261123 16:00:02 server id 1  end_log_pos 800 CRC32 0x2  GTID 0-1-102 trans
### UPDATE \`pilot_light\`.\`heartbeat\`
### WHERE
###   @1=1
#261123 16:00:02 server id 1  end_log_pos 900 CRC32 0x2  GTID 0-1-103 trans
### INSERT INTO \`pilot_light\`.\`proof\`
### SET
###   @1='not-a-photo'
#261123 16:00:03 server id 1  end_log_pos 990 CRC32 0x3  GTID 0-1-104 trans
### INSERT INTO \`photos\`.\`photos\`
### SET
###   @1='c1-000052-11223344' /* VARSTRING(256) */
### INSERT INTO \`photos\`.\`photos\`
### SET
###   @1='c2-000052-55667788' /* VARSTRING(256) */
`;

test('each lost row is found in the transaction it was in; other tables and other statements are not rows', () => {
  expect(parseInserts(log, { schema: 'photos', table: 'photos', column: 1 })).toEqual([
    { transaction: '0-1-101', at: Date.UTC(2026, 10, 23, 16, 0, 1), keys: ['c0-000051-aabbccdd'] },
    {
      transaction: '0-1-104',
      at: Date.UTC(2026, 10, 23, 16, 0, 3),
      keys: ['c1-000052-11223344', 'c2-000052-55667788'],
    },
  ]);
});
