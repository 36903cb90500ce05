/**
 * The database of a side, in a stack of its own with termination protection: an explicit identifier, a parameter group that never
 * declares `read_only`, and in the recovery Region a source that is a literal which never changes: removing it would make CloudFormation
 * promote, changing it would replace (aws-facts 10). The SQL function stands beside it.
 */

import { CfnOutput, RemovalPolicy, aws_rds as rds, aws_secretsmanager as secrets, aws_ssm as ssm } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Workload } from '../workload/config.ts';
import { regionBoundPrefix } from '../workload/region-bound.ts';
import { acknowledge } from './acknowledged.ts';
import { alarm } from './alarms.ts';
import { controlFunction } from './control-function.ts';
import type { FoundationStack } from './foundation.ts';
import { installed } from './installed.ts';
import type { Place } from './place.ts';
import { SideStack } from './place.ts';

export class DatabaseStack extends SideStack {
  constructor(scope: Construct, place: Place, foundation: FoundationStack) {
    super(scope, 'database', place, `Pilot Light: the database of the ${place.side} Region`);
    const { workload, names, side } = place;
    // The deployer applies it: a stack policy is no part of a template.
    this.templateOptions.metadata = {
      'PilotLight::StackPolicy': {
        Statement: [
          { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' },
          {
            Effect: 'Deny',
            Action: ['Update:Replace', 'Update:Delete'],
            Principal: '*',
            Resource: 'LogicalResourceId/Database',
          },
        ],
      },
    };
    const group = new rds.CfnDBParameterGroup(this, 'ParameterGroup', {
      dbParameterGroupName: names.databaseGroup,
      description: `Pilot Light: ${names.database}`,
      ...parameterGroup(workload),
    });
    const subnets = new rds.CfnDBSubnetGroup(this, 'SubnetGroup', {
      dbSubnetGroupName: names.subnetGroup,
      dbSubnetGroupDescription: `Pilot Light: ${names.database}`,
      subnetIds: foundation.privateSubnets,
    });
    const common: rds.CfnDBInstanceProps = {
      dbInstanceIdentifier: names.database,
      dbInstanceClass: workload.database.class,
      dbParameterGroupName: group.ref,
      dbSubnetGroupName: subnets.ref,
      vpcSecurityGroups: [foundation.groups.database],
      kmsKeyId: foundation.keyArn,
      deletionProtection: true,
      copyTagsToSnapshot: true,
      autoMinorVersionUpgrade: false,
      publiclyAccessible: false,
      backupRetentionPeriod: workload.database.backupRetention,
      // Away from working hours: a promotion is refused while a backup runs.
      preferredBackupWindow: '02:00-02:30',
      preferredMaintenanceWindow: 'sun:03:00-sun:03:30',
    };
    const database = side === 'primary' ? this.#primary(common) : this.#replica(common);
    database.applyRemovalPolicy(RemovalPolicy.RETAIN);
    acknowledge(database, 'RDS11', ...(side === 'recovery' ? (['RDS2', 'RDS3'] as const) : []));
    this.#regionBound('database-host', database.attrEndpointAddress);
    this.#regionBound('database-secret', names.applicationSecret);
    const sql = controlFunction(this, 'sql', {
      environment: { DATABASE_HOST: database.attrEndpointAddress },
      vpc: { subnetIds: foundation.privateSubnets, securityGroupIds: [foundation.groups.functions] },
    });
    if (side === 'primary') installed(this, 'DatabaseObjects', { Kind: 'database' }).addResourceDependency(sql);
    this.#alarms();
    new CfnOutput(this, 'Host', { value: database.attrEndpointAddress });
  }

  /** On both sides: either holds the replica at times. RDS publishes a lag for replicas only, and -1 for a broken one. */
  #alarms(): void {
    const { workload, names } = this.place;
    const metric = (name: string, statistic: 'Maximum' | 'Minimum') => ({
      namespace: 'AWS/RDS',
      name,
      dimensions: { DBInstanceIdentifier: names.database },
      statistic,
    });
    alarm(this, 'ReplicaLags', {
      name: 'replica-lags',
      says: `The replica is further behind than the objective of ${workload.objectives.rpoSeconds} s: failing over now would lose more than agreed.`,
      metric: metric('ReplicaLag', 'Maximum'),
      when: 'above',
      threshold: workload.objectives.rpoSeconds,
      period: 60,
      periods: 5,
    });
    alarm(this, 'ReplicationBroken', {
      name: 'replication-broken',
      says: 'The replica applies nothing any more: what is written from now on has no second copy. Look at SHOW REPLICA STATUS.',
      metric: metric('ReplicaLag', 'Minimum'),
      when: 'below',
      threshold: 0,
      period: 60,
      periods: 3,
    });
    alarm(this, 'StorageLow', {
      name: 'storage-low',
      says: 'Less than a tenth of the database storage is free: a full database stops, and can be neither backed up nor promoted.',
      metric: metric('FreeStorageSpace', 'Minimum'),
      when: 'below',
      threshold: Math.round((workload.database.storage * 2 ** 30) / 10),
      period: 300,
      periods: 1,
    });
  }

  #primary(common: rds.CfnDBInstanceProps): rds.CfnDBInstance {
    const { workload, names } = this.place;
    const replicaRegions = [{ region: workload.recovery.region }];
    const secret = (id: string, name: string, username: string) =>
      new secrets.CfnSecret(this, id, {
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
    const application = secret('ApplicationSecret', names.applicationSecret, 'application');
    for (const one of [master, application]) {
      one.applyRemovalPolicy(RemovalPolicy.RETAIN);
      acknowledge(one, 'SMG4');
    }
    const database = new rds.CfnDBInstance(this, 'Database', {
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

  #replica(common: rds.CfnDBInstanceProps): rds.CfnDBInstance {
    return new rds.CfnDBInstance(this, 'Database', {
      ...common,
      sourceDbInstanceIdentifier: this.place.arns.database('primary'),
    });
  }

  #regionBound(name: string, value: string): void {
    new ssm.CfnParameter(this, `Parameter-${name}`, {
      name: `${this.place.names.parameterPath}${regionBoundPrefix}${name}`,
      type: 'String',
      value,
    });
  }
}

/** GTIDs on, row binlog with full metadata: what replication, the loss quote and the account of lost writes are read from. */
function parameterGroup({ database }: Workload): { family: string; parameters: Record<string, string> } {
  const common = { binlog_format: 'ROW', binlog_row_metadata: 'FULL', event_scheduler: 'ON' };
  if (database.engine === 'mariadb') return { family: 'mariadb10.11', parameters: common };
  return { family: 'mysql8.0', parameters: { ...common, 'gtid-mode': 'ON', enforce_gtid_consistency: 'ON' } };
}
