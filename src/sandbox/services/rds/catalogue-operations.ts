/** Operations that answer what RDS offers, and a list that is always empty here. */

import type {
  DBEngineVersion,
  DescribeDBEngineVersionsCommandInput,
  DescribeOrderableDBInstanceOptionsCommandInput,
  DescribePendingMaintenanceActionsCommandInput,
  OrderableDBInstanceOption,
} from '@aws-sdk/client-rds';
import { operation } from '../../contract.ts';
import { type EngineVersion, engineVersions, familyOf, instanceFamilies } from './engines.ts';
import { refuseOthers } from './input.ts';
import { page } from './pages.ts';

const sizes = ['large', 'xlarge', '2xlarge', '4xlarge'];
const burstableSizes = ['micro', 'small', 'medium', 'large', 'xlarge', '2xlarge'];

export const catalogueOperations = {
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
      .flatMap((one) => classes().map((name) => optionShape(one, name, region)))
      .filter((one) => wantedClass === undefined || one.DBInstanceClass === wantedClass);
    const { rows, marker } = page(wanted, input);
    return { OrderableDBInstanceOptions: rows, ...(marker === undefined ? {} : { Marker: marker }) };
  }),
  DescribePendingMaintenanceActions: operation<
    DescribePendingMaintenanceActionsCommandInput,
    { PendingMaintenanceActions: [] }
  >(() => ({
    PendingMaintenanceActions: [],
  })),
};

const classes = (): string[] =>
  instanceFamilies.flatMap((family) =>
    (family.startsWith('db.t') ? burstableSizes : sizes).map((size) => `${family}.${size}`),
  );

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

const optionShape = (one: EngineVersion, name: string, region: string): OrderableDBInstanceOption => ({
  Engine: one.engine,
  EngineVersion: one.version,
  DBInstanceClass: name,
  LicenseModel: 'general-public-license',
  AvailabilityZones: ['a', 'b', 'c'].map((zone) => ({ Name: `${region}${zone}` })),
  MultiAZCapable: true,
  ReadReplicaCapable: true,
  Vpc: true,
  SupportsStorageEncryption: true,
  StorageType: 'gp3',
  MinStorageSize: 20,
  MaxStorageSize: 65_536,
});
