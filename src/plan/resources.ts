/** What the catalogue's grants name, as ARNs of one workload: the only place a key becomes a resource. */

import type { Side, Workload } from '../workload/config.ts';
import { arnsOf, namesOf } from '../workload/names.ts';

export type ResourceKey =
  | 'any'
  | 'table'
  | 'primarySql'
  | 'recoverySql'
  | 'primaryRole'
  | 'recoveryRole'
  | 'primaryImage'
  | 'recoveryImage'
  | 'primaryGroup'
  | 'recoveryGroup'
  | 'eventSources'
  | 'latchMetric'
  | 'primaryRules'
  | 'recoveryRules'
  | 'primarySecurityGroups'
  | 'primaryDatabaseGroup'
  | 'primaryDatabases'
  | 'recoveryDatabases'
  | 'primaryDatabase'
  | 'recoveryDatabase'
  | 'primaryKept'
  | 'recoveryKept'
  | 'reseed'
  | 'recoveryBuckets'
  | 'recoveryObjects'
  | 'failoverMachine'
  | 'executions'
  | 'primarySecrets'
  | 'recoverySecrets'
  | 'dataKeys'
  | 'imageMaking'
  | 'imagePointers'
  | 'workloadParameters'
  | 'installedParameters'
  | 'webhookParameters'
  | 'anyIfAccelerated'
  | 'acceleratorParameters'
  | 'acceleratorListeners'
  | 'endpointGroups'
  | 'replicationRole';

/** Operators, keys and what they are held against, as in a policy. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** What narrows a resource whose ARN says too little. */
export function conditionOf(workload: Workload, key: ResourceKey): Condition | undefined {
  const names = namesOf(workload);
  switch (key) {
    case 'eventSources':
      return {
        ArnLike: {
          'lambda:FunctionArn': (['primary', 'recovery'] as const).map((side) =>
            arnsOf(workload).workloadFunction(side, '*'),
          ),
        },
      };
    case 'dataKeys':
      return { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': names.keyAlias } };
    case 'latchMetric':
      return { StringEquals: { 'cloudwatch:namespace': names.latchMetric.namespace } };
    case 'primarySecurityGroups':
      return { StringEquals: { [`aws:ResourceTag/${workloadTag}`]: names.prefix } };
    default:
      return undefined;
  }
}

/** Every resource of a workload carries it, with the workload's prefix. */
export const workloadTag = 'pilot-light:workload';

/** `any` is `*`: only for actions AWS gives no resource-level permission. `wildcards.ts` holds each one's reason. */
export function resourceArns(workload: Workload, key: ResourceKey): readonly string[] {
  const arns = arnsOf(workload);
  const names = namesOf(workload);
  const { account, primary, recovery } = workload;
  const ec2 = (region: string, rest: string) => `arn:aws:ec2:${region}:${account}:${rest}`;
  const rules = [names.imageRule, names.parameterRule, names.reconcileRule, ...names.functionRules];
  const imagePointers = (side: Side) =>
    Object.keys(workload.compute).map((group) => arns.parameter(side, names.imageParameter(group)));
  const accelerated = (resources: readonly string[]) => (workload.traffic.latch === 'accelerator' ? resources : []);
  const table: Record<ResourceKey, readonly string[]> = {
    any: ['*'],
    table: [arns.table()],
    primarySql: [arns.controlFunction('primary', 'sql')],
    recoverySql: [arns.controlFunction('recovery', 'sql')],
    primaryRole: [arns.parameter('primary', names.roleParameter)],
    recoveryRole: [arns.parameter('recovery', names.roleParameter)],
    primaryImage: imagePointers('primary'),
    recoveryImage: imagePointers('recovery'),
    primaryGroup: arns.groups('primary'),
    recoveryGroup: arns.groups('recovery'),
    // Ids of event sources are AWS's to choose: which functions they feed narrows this down.
    eventSources: [primary.region, recovery.region].map(
      (region) => `arn:aws:lambda:${region}:${account}:event-source-mapping:*`,
    ),
    latchMetric: ['*'],
    primaryRules: rules.map((rule) => arns.rule('primary', rule)),
    recoveryRules: rules.map((rule) => arns.rule('recovery', rule)),
    primarySecurityGroups: [ec2(primary.region, 'security-group/*')],
    primaryDatabaseGroup: [arns.databaseGroup('primary')],
    primaryDatabases: [`arn:aws:rds:${primary.region}:${account}:db:*`],
    recoveryDatabases: [`arn:aws:rds:${recovery.region}:${account}:db:*`],
    primaryDatabase: [arns.database('primary')],
    recoveryDatabase: [arns.database('recovery')],
    primaryKept: [
      arns.database('primary'),
      arns.keptDatabase('primary', '*'),
      arns.keptSnapshot('primary'),
      arns.databaseGroup('primary'),
    ],
    recoveryKept: [arns.database('recovery'), arns.keptDatabase('recovery', '*'), arns.databaseGroup('recovery')],
    reseed: (['primary', 'recovery'] as const).flatMap((side) => [
      arns.database(side),
      arns.databaseGroup(side),
      arns.subnetGroup(side),
      arns.defaultOptionGroups(side),
    ]),
    recoveryBuckets: workload.buckets.map((bucket) => arns.bucket('recovery', bucket)),
    recoveryObjects: workload.buckets.map((bucket) => `${arns.bucket('recovery', bucket)}/*`),
    failoverMachine: [arns.machine('failover')],
    executions: (['failover', 'failback'] as const).map(
      (name) => `${arns.machine(name).replace(':stateMachine:', ':execution:')}:*`,
    ),
    primarySecrets: [names.masterSecret, names.applicationSecret].map((name) => arns.secret('primary', name)),
    recoverySecrets: [names.masterSecret, names.applicationSecret].map((name) => arns.secret('recovery', name)),
    // Key ids are AWS's to choose: their alias narrows this down.
    dataKeys: [primary.region, recovery.region].map((region) => `arn:aws:kms:${region}:${account}:key/*`),
    imageMaking: [primary.region, recovery.region].flatMap((region) => [
      ec2(region, 'instance/*'),
      `arn:aws:ec2:${region}::image/*`,
      `arn:aws:ec2:${region}::snapshot/*`,
    ]),
    imagePointers: (['primary', 'recovery'] as const).flatMap(imagePointers),
    workloadParameters: (['primary', 'recovery'] as const).flatMap((side) =>
      names.parameterPaths.map((path) => arns.parameter(side, `${path}*`)),
    ),
    installedParameters: (['primary', 'recovery'] as const).flatMap((side) => [
      ...imagePointers(side),
      ...[names.roleParameter, `${names.parameterPath}*`].map((name) => arns.parameter(side, name)),
    ]),
    webhookParameters: (['primary', 'recovery'] as const).map((side) => arns.parameter(side, `${names.webhookPath}*`)),
    anyIfAccelerated: accelerated(['*']),
    acceleratorParameters: accelerated(
      [names.acceleratorListener, names.acceleratorGroups].map((name) => arns.parameter('recovery', name)),
    ),
    // Ids of accelerators are AWS's to choose, and the parts of one bear no tags.
    acceleratorListeners: accelerated([`arn:aws:globalaccelerator::${account}:accelerator/*/listener/*`]),
    endpointGroups: accelerated([`arn:aws:globalaccelerator::${account}:accelerator/*/listener/*/endpoint-group/*`]),
    replicationRole: [`arn:aws:iam::${account}:role/${names.prefix}-replication`],
  };
  return table[key];
}
