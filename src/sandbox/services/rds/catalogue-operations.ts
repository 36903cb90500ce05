/** Operations that answer what RDS offers, and a list that is always empty here. */

import type {
  DBEngineVersion,
  DescribeDBEngineVersionsCommandInput,
  DescribeOrderableDBInstanceOptionsCommandInput,
  DescribePendingMaintenanceActionsCommandInput,
  OrderableDBInstanceOption,
} from '@aws-sdk/client-rds';
import { databaseClassesIn } from '../../../facts/offerings.ts';
import { operation, type SandboxCore } from '../../contract.ts';
import { type EngineVersion, engineVersions, familyOf } from './engines.ts';
import { refuseOthers } from './input.ts';
import { zonesOffering } from './offered-classes.ts';
import { page } from './pages.ts';

export const catalogueOperations = (core: Pick<SandboxCore, 'faults'>) => ({
  DescribeDBEngineVersions: operation((input: DescribeDBEngineVersionsCommandInput) => {
    refuseOthers('DescribeDBEngineVersions', input, [
      'Engine',
      'EngineVersion',
      'DBParameterGroupFamily',
      'DefaultOnly',
      'MaxRecords',
      'Marker',
    ]);
    const { Engine: engine, EngineVersion: version, DBParameterGroupFamily: family, DefaultOnly: defaultOnly } = input;
    const wanted = engineVersions.filter(
      (one, index) =>
        (engine === undefined || one.engine === engine) &&
        (version === undefined || one.version === version || one.major === version) &&
        (family === undefined || familyOf(one) === family) &&
        (defaultOnly !== true || engineVersions.findIndex((first) => first.engine === one.engine) === index),
    );
    const { rows, marker } = page(wanted, input);
    return { DBEngineVersions: rows.map(versionShape), ...(marker === undefined ? {} : { Marker: marker }) };
  }),
  DescribeOrderableDBInstanceOptions: operation((input: DescribeOrderableDBInstanceOptionsCommandInput, { region }) => {
    const members = ['Engine', 'EngineVersion', 'DBInstanceClass', 'LicenseModel', 'Vpc', 'MaxRecords', 'Marker'];
    refuseOthers('DescribeOrderableDBInstanceOptions', input, members);
    const { Engine: engine, EngineVersion: version, DBInstanceClass: wantedClass } = input;
    const wanted = engineVersions
      .filter((one) => one.engine === engine && (version === undefined || one.version === version))
      .flatMap((one) =>
        databaseClassesIn(region, one.engine)
          .filter((name) => wantedClass === undefined || name === wantedClass)
          .map((name) => ({ one, name, zones: zonesOffering(core, region, one.engine, name) })),
      )
      .filter(({ zones }) => zones.length > 0)
      .map(({ one, name, zones }) => optionShape(one, name, zones));
    const { rows, marker } = page(wanted, input);
    return { OrderableDBInstanceOptions: rows, ...(marker === undefined ? {} : { Marker: marker }) };
  }),
  DescribePendingMaintenanceActions: operation<
    DescribePendingMaintenanceActionsCommandInput,
    { PendingMaintenanceActions: [] }
  >(() => ({
    PendingMaintenanceActions: [],
  })),
});

const versionShape = (one: EngineVersion): DBEngineVersion => ({
  Engine: one.engine,
  MajorEngineVersion: one.major,
  EngineVersion: one.version,
  DBParameterGroupFamily: familyOf(one),
  DBEngineDescription: one.engine === 'mysql' ? 'MySQL Community Edition' : 'MariaDB Community Edition',
  ValidUpgradeTarget: [],
  SupportsReadReplica: true,
  Status: 'available',
});

const optionShape = (one: EngineVersion, name: string, zones: readonly string[]): OrderableDBInstanceOption => ({
  Engine: one.engine,
  EngineVersion: one.version,
  DBInstanceClass: name,
  LicenseModel: 'general-public-license',
  AvailabilityZones: zones.map((Name) => ({ Name })),
  MultiAZCapable: zones.length > 1,
  ReadReplicaCapable: true,
  Vpc: true,
  SupportsStorageEncryption: true,
  StorageType: 'gp3',
  MinStorageSize: 20,
  MaxStorageSize: 65_536,
});
