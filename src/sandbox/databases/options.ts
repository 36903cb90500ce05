/** The command line of a database server: what is fixed for all of them, and what its parameter group says. */

import type { Endpoint } from '../contract.ts';
import type { Variables } from './database.ts';
import type { Layout } from './layout.ts';

/** Options under which data files are made; a server must be started with the same. */
export const fileOptions = ['--no-defaults', '--innodb-log-file-size=16M', '--skip-name-resolve'];

export function serverOptions(
  layout: Layout,
  endpoint: Endpoint,
  serverId: number,
  variables: Variables,
): readonly string[] {
  return [
    ...fileOptions,
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    `--datadir=${layout.data}`,
    `--tmpdir=${layout.temporary}`,
    `--socket=${layout.socket}`,
    `--pid-file=${layout.pidFile}`,
    `--bind-address=${endpoint.host}`,
    `--port=${endpoint.port}`,
    `--server-id=${serverId}`,
    '--default-time-zone=+00:00',
    '--character-set-server=utf8mb4',
    ...replicationOptions,
    ...durabilityOptions,
    ...memoryOptions,
    ...Object.entries(variables).map(([name, value]) => `--${optionNames[name] ?? name.replaceAll('_', '-')}=${value}`),
  ];
}

/** Variables whose option is called something else. */
const optionNames: Readonly<Record<string, string>> = { tx_isolation: 'transaction-isolation' };

/**
 * Relay logs are fetched again after a crash, from the position in the tables. Four appliers, or promotion waits for one; in parallel
 * only what the source committed together, as MySQL's replicas do it: appliers that try their luck (`optimistic`, the default) meet on
 * the heartbeat's row, and one that waits to be killed for it never ends when the server is stopped. A silent source is noticed after
 * 30 s of AWS time, and asked again each 5 s. A replica that was opened and written to goes on replicating, as MySQL's do: strict GTIDs
 * would stop it at the next transaction, and the histories would part before everybody's eyes.
 */
const replicationOptions = [
  '--log-bin=mysql-bin-changelog',
  '--relay-log=relaylog',
  '--relay-log-recovery=ON',
  '--binlog-format=ROW',
  '--binlog-row-image=FULL',
  '--binlog-row-metadata=FULL',
  '--log-slave-updates=ON',
  '--gtid-strict-mode=OFF',
  '--slave-parallel-threads=4',
  '--slave-parallel-mode=conservative',
  '--slave-net-timeout=30',
  '--expire-logs-days=0',
];

/**
 * A commit is acknowledged once its log records are in the kernel's hands: nothing acknowledged is lost when the process is killed,
 * which is what an outage is here. A power cut of the machine under the sandbox could lose the last second.
 */
const durabilityOptions = [
  '--innodb-flush-log-at-trx-commit=2',
  '--sync-binlog=0',
  // The backup program reads the log through the kernel's cache. Written past it, as the server does by itself, a page may stay there
  // as it was when it was half full, and every attempt ends at it. Releases before 10.8 know no such option.
  '--loose-innodb-log-file-buffering=ON',
];

/**
 * Many servers share one machine: about 50 MB each. Asynchronous I/O contexts are a scarce resource of the kernel. Shared tablespaces grow
 * by 64 MB at a time where nothing else is said, and the temporary one grows at every start.
 */
const memoryOptions = [
  '--innodb-buffer-pool-size=24M',
  '--innodb-log-buffer-size=2M',
  '--innodb-use-native-aio=OFF',
  '--innodb-temp-data-file-path=ibtmp1:2M:autoextend',
  '--innodb-autoextend-increment=1',
  '--innodb-read-io-threads=1',
  '--innodb-write-io-threads=2',
  '--innodb-purge-threads=1',
  '--key-buffer-size=1M',
  '--aria-pagecache-buffer-size=2M',
  '--table-open-cache=200',
  '--table-open-cache-instances=1',
  '--performance-schema=OFF',
];
