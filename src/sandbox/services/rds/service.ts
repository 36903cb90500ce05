/** RDS: databases with their states and times, over servers that really run. */

import { faketimeEnvironment } from '../../clock/faketime.ts';
import { globalScope, type SandboxCore, type Service } from '../../contract.ts';
import type { Databases } from '../../databases/database.ts';
import { mariaDatabases } from '../../databases/mariadb.ts';
import { accountAttributeOperations } from './account-attributes.ts';
import { automatedBackupOperations } from './automated-backups.ts';
import { catalogueOperations } from './catalogue-operations.ts';
import type { Admission, Rds } from './context.ts';
import { disturbAll, replicaFaults } from './disturbances.ts';
import { eventOperations } from './event-operations.ts';
import { Fleet } from './fleet.ts';
import { parameterGroupOperations, subnetGroupOperations } from './group-operations.ts';
import { instanceOperations } from './instance-operations.ts';
import { lookAtRds, resumeRds } from './resume.ts';
import { makeRounds } from './rounds.ts';
import { snapshotOperations } from './snapshot-operations.ts';
import { tagOperations } from './tags.ts';

export interface RdsOptions {
  /** The servers; MariaDB unless said. */
  readonly databases?: Databases;
  /** Who may connect to an instance; whoever stands in its Region unless said. */
  readonly admits?: Admission;
  /** Whether `mysql.rds_stop_replication` outlasts a reboot. Customers report that it doesn't; AWS doesn't say. */
  readonly stoppedReplicationSurvives?: boolean;
}

/** One for all the servers of the sandbox, however often it is started: their accounts know it. */
function replicationPassword(core: SandboxCore): string {
  const secrets = core.table<string>('rds', globalScope, 'secrets');
  return secrets.get('replication') ?? secrets.put('replication', core.ids.hex(32));
}

/** Throws a usage error when MariaDB or libfaketime is wanted and isn't installed. */
export function createRdsService(core: SandboxCore, options: RdsOptions = {}): Service {
  const databases =
    options.databases ??
    mariaDatabases({
      directory: core.directory,
      scratch: core.scratch,
      network: core.network,
      region: (name) => core.region(name),
      replicationPassword: replicationPassword(core),
      environment: faketimeEnvironment(core.scratch),
      stoppedReplicationSurvives: options.stoppedReplicationSurvives ?? false,
    });
  const sameRegion: Admission = (instance, address) => core.network.placeOf(address) === instance.region;
  const fleet = new Fleet(core, databases, options.admits ?? sameRegion);
  const rds: Rds = { core, databases, fleet };
  const rounds = core.regions.map((region) => makeRounds(rds, region));
  return {
    name: 'rds',
    operations: {
      ...instanceOperations(rds),
      ...snapshotOperations(rds),
      ...subnetGroupOperations(rds),
      ...parameterGroupOperations(rds),
      ...tagOperations(rds),
      ...automatedBackupOperations(rds),
      ...eventOperations(rds),
      ...accountAttributeOperations(rds),
      ...catalogueOperations(core),
    },
    faults: {
      ...replicaFaults(rds),
      'dead-database': {
        raise: ({ region }) => fleet.settleDead(region),
        lift: ({ region }) => fleet.settleDead(region),
      },
    },
    async regionBack(region) {
      await fleet.recover(region);
      await disturbAll(rds, region);
    },
    resume: () => resumeRds(rds),
    look: () => lookAtRds(rds),
    async close() {
      for (const end of rounds) end();
      await fleet.close();
    },
  };
}
