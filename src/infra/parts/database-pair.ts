/**
 * The database in both Regions: the primary and its cross-Region replica. Explicit identifiers, a parameter group that never declares
 * `read_only`, and for the replica a source that is a literal which never changes: removing it would make CloudFormation promote,
 * changing it would replace (CloudFormation, AWS::RDS::DBInstance, SourceDBInstanceIdentifier). The SQL function stands beside each.
 */

import { CfnOutput, RemovalPolicy, aws_rds as rds, Stack, aws_secretsmanager as secrets } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { admission, applicationAccount } from '../../plan/lease.ts';
import type { Workload } from '../../workload/config.ts';
import type { Side } from '../../workload/judged.ts';
import { acknowledge } from '../acknowledged.ts';
import { alarm } from '../alarms.ts';
import { controlFunction } from '../control-function.ts';
import { installed } from '../installed.ts';
import type { Home, PartProps } from '../part.ts';
import { Part, regionBound } from '../part.ts';
import type { NetworkSide } from './network.ts';

export interface DatabasePairProps extends PartProps {
  /** Where the databases and their SQL functions stand. `Network` gives it as `sides`. */
  readonly network: Readonly<Record<Side, NetworkSide>>;
  /** ARNs of the keys the databases are under. `DataKeys` gives them. */
  readonly keyArns: Readonly<Record<Side, string>>;
}

/**
 * The stacks it is given should hold nothing else and be protected against termination; a stack policy that denies replacement and
 * deletion of the database is left in their metadata, for whoever deploys them.
 */
export class DatabasePair extends Part {
  constructor(scope: Construct, id: string, props: DatabasePairProps) {
    super(scope, id, props);
    for (const side of ['primary', 'recovery'] as const) {
      databaseIn(this.homeOn(side), props.network[side], props.keyArns[side]);
    }
    // A replica needs its source.
    this.sideAfter('recovery');
  }
}

function databaseIn(home: Home, network: NetworkSide, keyArn: string): void {
  const { workload, names, side } = home.place;
  const group = new rds.CfnDBParameterGroup(home, 'ParameterGroup', {
    dbParameterGroupName: names.databaseGroup,
    description: `Pilot Light: ${names.database}`,
    ...parameterGroup(workload),
  });
  const subnets = new rds.CfnDBSubnetGroup(home, 'SubnetGroup', {
    dbSubnetGroupName: names.subnetGroup,
    dbSubnetGroupDescription: `Pilot Light: ${names.database}`,
    subnetIds: [...network.privateSubnets],
  });
  const common: rds.CfnDBInstanceProps = {
    dbInstanceIdentifier: names.database,
    dbInstanceClass: workload.database.class,
    dbParameterGroupName: group.ref,
    dbSubnetGroupName: subnets.ref,
    vpcSecurityGroups: [network.groups.database],
    kmsKeyId: keyArn,
    deletionProtection: true,
    copyTagsToSnapshot: true,
    autoMinorVersionUpgrade: false,
    publiclyAccessible: false,
    backupRetentionPeriod: workload.database.backupRetention,
    preferredBackupWindow: workload.database.backupWindow,
    preferredMaintenanceWindow: workload.database.maintenanceWindow,
  };
  const database = side === 'primary' ? primary(home, common) : replica(home, common);
  database.applyRemovalPolicy(RemovalPolicy.RETAIN);
  acknowledge(database, 'RDS11', ...(side === 'recovery' ? (['RDS2', 'RDS3'] as const) : []));
  protect(database);
  regionBound(home, 'database-host', database.attrEndpointAddress);
  regionBound(home, 'database-secret', names.applicationSecret);
  const sql = controlFunction(home, 'sql', {
    environment: { DATABASE_HOST: database.attrEndpointAddress },
    vpc: { subnetIds: [...network.privateSubnets], securityGroupIds: [network.groups.functions] },
  });
  if (side === 'primary') installed(home, 'Objects', { Kind: 'database' }).addResourceDependency(sql);
  alarms(home);
  new CfnOutput(home, 'Host', { value: database.attrEndpointAddress });
}

/** The deployer applies it: a stack policy is no part of a template. */
function protect(database: rds.CfnDBInstance): void {
  const stack = Stack.of(database);
  stack.templateOptions.metadata = {
    ...stack.templateOptions.metadata,
    'PilotLight::StackPolicy': {
      Statement: [
        { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' },
        {
          Effect: 'Deny',
          Action: ['Update:Replace', 'Update:Delete'],
          Principal: '*',
          Resource: `LogicalResourceId/${stack.getLogicalId(database)}`,
        },
      ],
    },
  };
}

/** On both sides: either holds the replica at times. RDS publishes a lag for replicas only, and -1 for a broken one. */
function alarms(home: Home): void {
  const { workload, names } = home.place;
  const metric = (name: string, statistic: 'Maximum' | 'Minimum') => ({
    namespace: 'AWS/RDS',
    name,
    dimensions: { DBInstanceIdentifier: names.database },
    statistic,
  });
  alarm(home, 'ReplicaLags', {
    name: 'replica-lags',
    says: `The replica is further behind than the objective of ${workload.objectives.rpoSeconds} s: failing over now would lose more than agreed.`,
    metric: metric('ReplicaLag', 'Maximum'),
    when: 'above',
    threshold: workload.objectives.rpoSeconds,
    period: 60,
    periods: 5,
  });
  alarm(home, 'ReplicationBroken', {
    name: 'replication-broken',
    says: 'The replica applies nothing any more: what is written from now on has no second copy. In a failover that is as it should be; else look at SHOW REPLICA STATUS.',
    metric: metric('ReplicaLag', 'Minimum'),
    when: 'below',
    threshold: 0,
    period: 60,
    periods: 3,
  });
  alarm(home, 'StorageLow', {
    name: 'storage-low',
    says: 'Less than a tenth of the database storage is free: a full database stops, and can be neither backed up nor promoted.',
    metric: metric('FreeStorageSpace', 'Minimum'),
    when: 'below',
    threshold: Math.round((workload.database.storage * 2 ** 30) / 10),
    period: 300,
    periods: 1,
  });
}

function primary(home: Home, common: rds.CfnDBInstanceProps): rds.CfnDBInstance {
  const { workload, names } = home.place;
  const replicaRegions = [{ region: workload.recovery.region }];
  const secret = (id: string, name: string, username: string) =>
    new secrets.CfnSecret(home, id, {
      name,
      description: `Pilot Light: ${username} of ${names.database}`,
      replicaRegions,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username }),
        generateStringKey: 'password',
        passwordLength: 32,
        excludePunctuation: true,
      },
    });
  const master = secret('MasterSecret', names.masterSecret, 'pilot_admin');
  const application = secret('ApplicationSecret', names.applicationSecret, applicationAccount);
  for (const one of [master, application]) {
    one.applyRemovalPolicy(RemovalPolicy.RETAIN);
    acknowledge(one, 'SMG4');
  }
  const database = new rds.CfnDBInstance(home, 'Resource', {
    ...common,
    engine: workload.database.engine,
    ...(workload.database.engineVersion === undefined ? {} : { engineVersion: workload.database.engineVersion }),
    storageEncrypted: true,
    allocatedStorage: String(workload.database.storage),
    storageType: 'gp3',
    multiAz: workload.database.multiAz,
    masterUsername: `{{resolve:secretsmanager:${names.masterSecret}:SecretString:username}}`,
    masterUserPassword: `{{resolve:secretsmanager:${names.masterSecret}:SecretString:password}}`,
  });
  database.addResourceDependency(master);
  return database;
}

function replica(home: Home, common: rds.CfnDBInstanceProps): rds.CfnDBInstance {
  return new rds.CfnDBInstance(home, 'Resource', {
    ...common,
    sourceDbInstanceIdentifier: home.place.arns.database('primary'),
  });
}

/**
 * GTIDs on, row binlog with full metadata: what replication, the loss quote and the account of lost writes are read from. With a witness
 * either side lets its application in under a lease only.
 */
function parameterGroup({ database, witness }: Workload): { family: string; parameters: Record<string, string> } {
  const common = {
    binlog_format: 'ROW',
    binlog_row_metadata: 'FULL',
    event_scheduler: 'ON',
    ...(witness === undefined ? {} : { init_connect: admission(applicationAccount) }),
  };
  if (database.engine === 'mariadb') return { family: 'mariadb10.11', parameters: common };
  return { family: 'mysql8.0', parameters: { ...common, 'gtid-mode': 'ON', enforce_gtid_consistency: 'ON' } };
}
