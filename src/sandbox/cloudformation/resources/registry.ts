/** Every resource type the sandbox's CloudFormation knows, and what each supports. */

import type { OnChange, ResourceType } from '../resource-type.ts';
import { alarm, compositeAlarm, dashboard } from './alarms.ts';
import { autoScalingGroup } from './auto-scaling-group.ts';
import { bucket } from './bucket.ts';
import { bucketPolicy } from './bucket-policy.ts';
import { certificate } from './certificate.ts';
import { customResource } from './custom-resource.ts';
import { dbParameterGroup, dbSubnetGroup } from './db-groups.ts';
import { dbInstance } from './db-instance.ts';
import { table } from './dynamodb-table.ts';
import { ecrRepository } from './ecr-repository.ts';
import { eventBus, eventBusPolicy } from './event-bus.ts';
import { eventRule } from './event-rule.ts';
import { eventSourceMapping } from './event-source-mapping.ts';
import { accelerator, acceleratorListener, endpointGroup } from './global-accelerator.ts';
import { globalTable } from './global-table.ts';
import { managedPolicy, policy } from './iam-policy.ts';
import { instanceProfile, role } from './iam-role.ts';
import { alias, key } from './kms.ts';
import { lambdaFunction } from './lambda-function.ts';
import { lambdaUrl } from './lambda-url.ts';
import { eventInvokeConfig, lambdaAlias, lambdaPermission, lambdaVersion } from './lambda-versions.ts';
import { launchTemplate } from './launch-template.ts';
import { listener, listenerRule } from './listener.ts';
import { listenerCertificate } from './listener-certificate.ts';
import { loadBalancer } from './load-balancer.ts';
import { logGroup } from './log-group.ts';
import { elasticIp, natGateway } from './nat-gateway.ts';
import { cdkMetadata, waitConditionHandle } from './no-ops.ts';
import { healthCheck, hostedZone, recordSet } from './route53.ts';
import { route, routeTable } from './routes.ts';
import { schedule } from './schedule.ts';
import { secret } from './secret.ts';
import { secretTargetAttachment } from './secret-target-attachment.ts';
import { securityGroup, securityGroupEgress, securityGroupIngress } from './security-groups.ts';
import { subscription, topic, topicPolicy } from './sns.ts';
import { queue, queuePolicy } from './sqs.ts';
import { ssmParameter } from './ssm-parameter.ts';
import { stateMachine } from './state-machine.ts';
import { subnet, subnetRouteTableAssociation } from './subnet.ts';
import { targetGroup } from './target-group.ts';
import { internetGateway, vpc, vpcGatewayAttachment } from './vpc.ts';
import { vpcEndpoint } from './vpc-endpoint.ts';

const types: readonly ResourceType[] = [
  autoScalingGroup,
  certificate,
  cdkMetadata,
  ecrRepository,
  waitConditionHandle,
  customResource('AWS::CloudFormation::CustomResource'),
  alarm,
  compositeAlarm,
  dashboard,
  globalTable,
  table,
  elasticIp,
  internetGateway,
  launchTemplate,
  natGateway,
  route,
  routeTable,
  securityGroup,
  securityGroupEgress,
  securityGroupIngress,
  subnet,
  subnetRouteTableAssociation,
  vpc,
  vpcEndpoint,
  vpcGatewayAttachment,
  listener,
  listenerCertificate,
  listenerRule,
  loadBalancer,
  targetGroup,
  eventBus,
  eventBusPolicy,
  eventRule,
  accelerator,
  acceleratorListener,
  endpointGroup,
  instanceProfile,
  managedPolicy,
  policy,
  role,
  alias,
  key,
  lambdaAlias,
  eventInvokeConfig,
  eventSourceMapping,
  lambdaFunction,
  lambdaPermission,
  lambdaUrl,
  lambdaVersion,
  logGroup,
  dbInstance,
  dbParameterGroup,
  dbSubnetGroup,
  healthCheck,
  hostedZone,
  recordSet,
  bucket,
  bucketPolicy,
  schedule,
  secret,
  secretTargetAttachment,
  subscription,
  topic,
  topicPolicy,
  queue,
  queuePolicy,
  ssmParameter,
  stateMachine,
];

const byName: ReadonlyMap<string, ResourceType> = new Map(types.map((type) => [type.name, type]));

/** A type by its name; `Custom::Anything` is a custom resource. */
export const resourceType = (name: string): ResourceType | undefined =>
  byName.get(name) ?? (/^Custom::[\w@-]+$/.test(name) ? customResource(name) : undefined);

export interface TypeCoverage {
  readonly name: string;
  readonly properties: Readonly<Record<string, OnChange>>;
  readonly attributes: readonly string[];
  readonly updatePolicies: readonly string[];
  readonly snapshots: boolean;
  /** Any property is taken and any attribute may be asked. */
  readonly open: boolean;
}

/** What is supported, as data: coverage tables are generated from it. */
export const resourceCoverage = (): TypeCoverage[] =>
  types.map(({ name, properties, attributes, updatePolicies = [], snapshots = false, open = false, update }) => ({
    name,
    // Without an update every change replaces.
    properties: update === undefined ? mapped(properties, 'replace') : properties,
    attributes,
    updatePolicies,
    snapshots,
    open,
  }));

const mapped = (properties: Readonly<Record<string, OnChange>>, change: OnChange): Record<string, OnChange> =>
  Object.fromEntries(Object.keys(properties).map((name) => [name, change]));
