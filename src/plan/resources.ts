/** What the catalogue's grants name, as ARNs of one workload: the only place a key becomes a resource. */

import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { arnsOf, leasePartition, namesOf } from '../workload/names.ts';
import { planNames } from './graph.ts';

export type ResourceKey =
  | 'any'
  | 'table'
  | 'approvalItems'
  | 'approvalKey'
  | 'primaryTable'
  | 'primaryLeases'
  | 'recoveryLeases'
  | 'primarySql'
  | 'recoverySql'
  | 'primaryRole'
  | 'recoveryRole'
  | 'primaryImage'
  | 'recoveryImage'
  | 'primaryGroup'
  | 'recoveryGroup'
  | 'anyMapping'
  | 'eventSources'
  | 'latchMetric'
  | 'primaryUpkeepRules'
  | 'recoveryUpkeepRules'
  | 'primaryFunctionRules'
  | 'recoveryFunctionRules'
  | 'primarySecurityGroups'
  | 'primaryDatabaseGroup'
  | 'openedDatabaseGroup'
  | 'primaryDatabases'
  | 'recoveryDatabases'
  | 'primaryDatabase'
  | 'recoveryDatabase'
  | 'primaryKept'
  | 'primarySnapshot'
  | 'recoveryKept'
  | 'reseed'
  | 'primaryBuckets'
  | 'primaryObjects'
  | 'recoveryBuckets'
  | 'recoveryObjects'
  | 'failoverMachine'
  | 'primaryReconciler'
  | 'recoveryCompute'
  | 'recoverySources'
  | 'queues'
  | 'anyIfFed'
  | 'customFunctions'
  | 'executions'
  | 'primarySecrets'
  | 'recoverySecrets'
  | 'dataKeys'
  | 'bucketKeys'
  | 'primaryInstances'
  | 'recoveryInstances'
  | 'newPrimaryImages'
  | 'newRecoveryImages'
  | 'primaryImages'
  | 'recoveryImages'
  | 'bornImages'
  | 'ownImages'
  | 'ownSnapshots'
  | 'imagePointers'
  | 'workloadParameters'
  | 'primaryParameters'
  | 'recoveryParameters'
  | 'primaryInstalled'
  | 'recoveryInstalled'
  | 'webhookParameters'
  | 'widerGroups'
  | 'anyIfAccelerated'
  | 'anyIfAlarmed'
  | 'recoveryTopic'
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
    // The table is the environment's: other workloads have their items in it.
    case 'approvalItems':
      return { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [names.prefix] } };
    case 'dataKeys':
    case 'bucketKeys':
      return { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': names.keyAlias } };
    case 'primaryLeases':
    case 'recoveryLeases':
      return { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [leasePartition(names.prefix)] } };
    case 'latchMetric':
      return { StringEquals: { 'cloudwatch:namespace': names.latchMetric.namespace } };
    case 'primarySecurityGroups':
    case 'primaryInstances':
    case 'recoveryInstances':
    case 'ownImages':
    case 'ownSnapshots':
      return { StringEquals: { [`aws:ResourceTag/${workloadTag}`]: names.prefix } };
    case 'newPrimaryImages':
    case 'newRecoveryImages':
      return { StringEquals: { [`aws:RequestTag/${workloadTag}`]: names.prefix } };
    case 'bornImages':
      return {
        StringEquals: {
          [`aws:RequestTag/${workloadTag}`]: names.prefix,
          'ec2:CreateAction': ['CreateImage', 'CopyImage'],
        },
      };
    // What is copied has no tags in the question. Whether AWS gives the owner in it isn't said for every call: absent, it holds.
    case 'primaryImages':
    case 'recoveryImages':
      return { StringEqualsIfExists: { 'ec2:Owner': workload.account } };
    default:
      return undefined;
  }
}

/** Every resource of a workload carries it, with the workload's prefix. */
export const workloadTag = 'pilot-light:workload';

/** Empty where the workload has nothing of the kind. `any` is `*`: only for actions AWS gives no resource-level permission. `wildcards.ts` holds each one's reason. */
export function resourceArns(workload: Workload, key: ResourceKey): readonly string[] {
  const arns = arnsOf(workload);
  const names = namesOf(workload);
  const { account, primary, recovery } = workload;
  const ec2 = (region: string, rest: string) => `arn:aws:ec2:${region}:${account}:${rest}`;
  const upkeepRules = [names.imageRule, names.parameterRule, names.reconcileRule];
  // By the name they begin with: each by its own, those of twenty functions would fill a role's policy.
  const functionRules = (side: Side) => (names.functionRules.length > 0 ? [arns.rule(side, `${names.prefix}-*`)] : []);
  const isFed = Object.values(workload.functions).some(({ queue }) => queue !== undefined);
  const images = (region: string) => `arn:aws:ec2:${region}::image/*`;
  const snapshots = (region: string) => `arn:aws:ec2:${region}::snapshot/*`;
  const regions = [primary.region, recovery.region];
  const imagePointers = (side: Side) =>
    Object.keys(workload.compute).map((group) => arns.parameter(side, names.imageParameter(group)));
  const parameters = (side: Side) => names.parameterPaths.map((path) => arns.parameter(side, `${path}*`));
  const installed = (side: Side) => [
    ...imagePointers(side),
    ...[names.roleParameter, `${names.parameterPath}*`].map((name) => arns.parameter(side, name)),
  ];
  // Key ids are AWS's to choose: their alias narrows this down.
  const dataKeys = regions.map((region) => `arn:aws:kms:${region}:${account}:key/*`);
  const accelerated = (resources: readonly string[]) => (workload.traffic.latch === 'accelerator' ? resources : []);
  const leased = (resources: readonly string[]) => (workload.witness === undefined ? [] : resources);
  const table: Record<ResourceKey, readonly string[]> = {
    any: ['*'],
    table: [arns.table()],
    approvalItems: [arns.table()],
    approvalKey: [arns.parameter('recovery', names.approvalKey)],
    primaryTable: leased([arns.table('primary')]),
    primaryLeases: leased([arns.table('primary')]),
    recoveryLeases: leased([arns.table()]),
    primarySql: [arns.controlFunction('primary', 'sql')],
    recoverySql: [arns.controlFunction('recovery', 'sql')],
    primaryRole: [arns.parameter('primary', names.roleParameter)],
    recoveryRole: [arns.parameter('recovery', names.roleParameter)],
    primaryImage: imagePointers('primary'),
    recoveryImage: imagePointers('recovery'),
    primaryGroup: arns.groups('primary'),
    recoveryGroup: arns.groups('recovery'),
    // Nobody asks for the mappings of functions that aren't there.
    anyMapping: Object.keys(workload.functions).length > 0 ? ['*'] : [],
    // Ids of event sources are AWS's to choose: which functions they feed narrows this down.
    eventSources: isFed ? regions.map((region) => `arn:aws:lambda:${region}:${account}:event-source-mapping:*`) : [],
    latchMetric: ['*'],
    primaryUpkeepRules: upkeepRules.map((rule) => arns.rule('primary', rule)),
    recoveryUpkeepRules: upkeepRules.map((rule) => arns.rule('recovery', rule)),
    primaryFunctionRules: functionRules('primary'),
    recoveryFunctionRules: functionRules('recovery'),
    primarySecurityGroups: [ec2(primary.region, 'security-group/*')],
    primaryDatabaseGroup: [arns.databaseGroup('primary')],
    openedDatabaseGroup: workload.database.cutover === 'open-early' ? [arns.databaseGroup('recovery')] : [],
    primaryDatabases: [`arn:aws:rds:${primary.region}:${account}:db:*`],
    recoveryDatabases: [`arn:aws:rds:${recovery.region}:${account}:db:*`],
    primaryDatabase: [arns.database('primary')],
    recoveryDatabase: [arns.database('recovery')],
    primaryKept: [arns.database('primary'), arns.keptDatabase('primary', '*'), arns.databaseGroup('primary')],
    primarySnapshot: [arns.database('primary'), arns.keptSnapshot('primary')],
    recoveryKept: [arns.database('recovery'), arns.keptDatabase('recovery', '*'), arns.databaseGroup('recovery')],
    reseed: (['primary', 'recovery'] as const).flatMap((side) => [
      arns.database(side),
      arns.databaseGroup(side),
      arns.subnetGroup(side),
      arns.defaultOptionGroups(side),
    ]),
    primaryBuckets: workload.buckets.map((bucket) => arns.bucket('primary', bucket)),
    primaryObjects: workload.buckets.map((bucket) => `${arns.bucket('primary', bucket)}/*`),
    recoveryBuckets: workload.buckets.map((bucket) => arns.bucket('recovery', bucket)),
    recoveryObjects: workload.buckets.map((bucket) => `${arns.bucket('recovery', bucket)}/*`),
    failoverMachine: [arns.machine('failover')],
    primaryReconciler: [arns.controlFunction('primary', 'parameters')],
    customFunctions: (['primary', 'recovery'] as const).flatMap((side) =>
      [...new Set(Object.values(workload.steps).flatMap((own) => [own.function, own.undo ?? []].flat()))].map((name) =>
        arns.workloadFunction(side, name),
      ),
    ),
    recoveryCompute: [arns.controlFunction('recovery', 'compute')],
    recoverySources: isFed ? [arns.controlFunction('recovery', 'sources')] : [],
    queues: Object.values(workload.functions).flatMap(({ queue }) =>
      queue === undefined ? [] : [arns.queue('primary', queue), arns.queue('recovery', queue)],
    ),
    anyIfFed: isFed ? ['*'] : [],
    executions: planNames.map((name) => `${arns.machine(name).replace(':stateMachine:', ':execution:')}:*`),
    primarySecrets: [names.masterSecret, names.applicationSecret].map((name) => arns.secret('primary', name)),
    recoverySecrets: [names.masterSecret, names.applicationSecret].map((name) => arns.secret('recovery', name)),
    dataKeys,
    bucketKeys: workload.buckets.length > 0 ? dataKeys : [],
    primaryInstances: [ec2(primary.region, 'instance/*')],
    recoveryInstances: [ec2(recovery.region, 'instance/*')],
    newPrimaryImages: [images(primary.region), snapshots(primary.region)],
    newRecoveryImages: [images(recovery.region), snapshots(recovery.region)],
    primaryImages: [images(primary.region)],
    recoveryImages: [images(recovery.region)],
    bornImages: regions.flatMap((region) => [images(region), snapshots(region)]),
    ownImages: regions.map(images),
    ownSnapshots: regions.map(snapshots),
    imagePointers: (['primary', 'recovery'] as const).flatMap(imagePointers),
    workloadParameters: (['primary', 'recovery'] as const).flatMap(parameters),
    primaryParameters: parameters('primary'),
    recoveryParameters: parameters('recovery'),
    primaryInstalled: installed('primary'),
    recoveryInstalled: [...installed('recovery'), arns.parameter('recovery', names.approvalKey)],
    webhookParameters: (['primary', 'recovery'] as const).map((side) => arns.parameter(side, `${names.webhookPath}*`)),
    // Those that are to begin with more than their fewest.
    widerGroups: Object.entries(workload.compute).flatMap(([group, { capacity }]) =>
      capacity.desired > capacity.min ? [arns.group('primary', group)] : [],
    ),
    anyIfAccelerated: accelerated(['*']),
    anyIfAlarmed: [...workload.watch.alarms, ...workload.watch.resolvedBy].length > 0 ? ['*'] : [],
    recoveryTopic: [arns.topic('recovery')],
    acceleratorParameters: accelerated(
      [names.acceleratorListener, names.acceleratorGroups].map((name) => arns.parameter('recovery', name)),
    ),
    // Ids of accelerators are AWS's to choose, and the parts of one bear no tags.
    acceleratorListeners: accelerated([`arn:aws:globalaccelerator::${account}:accelerator/*/listener/*`]),
    endpointGroups: accelerated([`arn:aws:globalaccelerator::${account}:accelerator/*/listener/*/endpoint-group/*`]),
    replicationRole: workload.buckets.length > 0 ? [`arn:aws:iam::${account}:role/${names.prefix}-replication`] : [],
  };
  return table[key];
}
