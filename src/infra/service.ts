/** The service of a side: load balancer, group, queues, functions and their event sources, parameters. What depends on the role asks the role. */

import {
  aws_autoscaling as autoscaling,
  aws_elasticloadbalancingv2 as balancing,
  type CfnCondition,
  aws_ec2 as ec2,
  aws_events as events,
  Fn,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_sqs as sqs,
  aws_ssm as ssm,
} from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { regionOf } from '../workload/config.ts';
import type { RuleKind } from '../workload/names.ts';
import { ruleKinds } from '../workload/names.ts';
import { regionBoundPrefix } from '../workload/region-bound.ts';
import { acknowledge } from './acknowledged.ts';
import { alarm } from './alarms.ts';
import { functionBundle } from './bundle.ts';
import type { FoundationStack } from './foundation.ts';
import { installed } from './installed.ts';
import { logGroup } from './log-group.ts';
import type { Place } from './place.ts';
import { isActive, roleArn, SideStack } from './place.ts';

export class ServiceStack extends SideStack {
  readonly balancer: balancing.CfnLoadBalancer;
  readonly #active: CfnCondition;
  readonly #baseDirectory: string;

  constructor(scope: Construct, place: Place, foundation: FoundationStack, baseDirectory: string) {
    super(scope, 'service', place, `Pilot Light: the service of the ${place.side} Region`);
    this.#active = isActive(this);
    this.#baseDirectory = baseDirectory;
    const { workload, names, side } = place;
    for (const bucket of workload.buckets) this.#regionBound(`bucket-${bucket}`, names.bucket(bucket, side));
    for (const name of Object.keys(workload.functions)) this.#function(name);
    if (side === 'primary') this.#parameters();
    this.balancer = this.#balancer(foundation);
    this.#group(foundation, this.#listen(foundation));
  }

  #balancer(foundation: FoundationStack): balancing.CfnLoadBalancer {
    const balancer = new balancing.CfnLoadBalancer(this, 'LoadBalancer', {
      name: this.place.names.loadBalancer,
      type: 'application',
      scheme: 'internet-facing',
      subnets: foundation.publicSubnets,
      securityGroups: [foundation.groups.balancer],
    });
    acknowledge(balancer, 'ELB2');
    return balancer;
  }

  #listen(foundation: FoundationStack): string {
    const { workload, names } = this.place;
    const targets = new balancing.CfnTargetGroup(this, 'Targets', {
      name: names.targetGroup,
      vpcId: foundation.vpcId,
      protocol: 'HTTP',
      port: workload.compute.port,
      targetType: 'instance',
      // Alive, never ready-to-write: or Auto Scaling would kill the fleet while the database promotes.
      healthCheckPath: workload.compute.alivePath,
      healthCheckIntervalSeconds: 10,
      healthCheckTimeoutSeconds: 5,
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
      targetGroupAttributes: [{ key: 'deregistration_delay.timeout_seconds', value: '30' }],
    });
    new balancing.CfnListener(this, 'Listener', {
      loadBalancerArn: this.balancer.ref,
      port: 80,
      protocol: 'HTTP',
      defaultActions: [{ type: 'forward', targetGroupArn: targets.ref }],
    });
    this.#balancerAlarms(targets);
    return targets.ref;
  }

  #balancerAlarms(targets: balancing.CfnTargetGroup): void {
    const dimensions = {
      LoadBalancer: this.balancer.attrLoadBalancerFullName,
      TargetGroup: targets.attrTargetGroupFullName,
    };
    alarm(this, 'UnhealthyHosts', {
      name: 'unhealthy-hosts',
      says: `Instances fail ${this.place.workload.compute.alivePath} and are replaced. If it lasts, the image or the configuration is broken.`,
      metric: { namespace: 'AWS/ApplicationELB', name: 'UnHealthyHostCount', dimensions, statistic: 'Maximum' },
      when: 'at least',
      threshold: 1,
      period: 60,
      periods: 5,
    });
    alarm(this, 'ServerErrors', {
      name: 'server-errors',
      says: 'The application answers with errors of its own. The watcher decides by itself whether the Region is ill; this is for you to look.',
      metric: { namespace: 'AWS/ApplicationELB', name: 'HTTPCode_Target_5XX_Count', dimensions, statistic: 'Sum' },
      when: 'at least',
      threshold: 10,
      period: 60,
      periods: 3,
    });
  }

  #group(foundation: FoundationStack, targetGroup: string): void {
    const { workload, names, side } = this.place;
    const profile = new iam.CfnInstanceProfile(this, 'InstanceProfile', {
      instanceProfileName: `${names.prefix}-instance-${side}`,
      roles: [`${names.prefix}-instance`],
    });
    const template = new ec2.CfnLaunchTemplate(this, 'LaunchTemplate', {
      launchTemplateName: names.launchTemplate,
      launchTemplateData: {
        // The pointer is read at each launch: a failover never makes a launch template version.
        imageId: `resolve:ssm:${names.imageParameter}`,
        instanceType: workload.compute.instanceType,
        iamInstanceProfile: { arn: profile.attrArn },
        securityGroupIds: [foundation.groups.application],
        metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
        userData: Fn.base64(userData(this.place)),
      },
    });
    const { min, desired, max } = workload.compute.capacity;
    const whenActive = (value: number) => Fn.conditionIf(this.#active.logicalId, String(value), '0').toString();
    const group = new autoscaling.CfnAutoScalingGroup(this, 'Group', {
      autoScalingGroupName: names.group,
      minSize: whenActive(min),
      desiredCapacity: whenActive(desired),
      maxSize: String(max),
      vpcZoneIdentifier: foundation.privateSubnets,
      launchTemplate: { launchTemplateId: template.ref, version: template.attrLatestVersionNumber },
      targetGroupArns: [targetGroup],
      healthCheckType: 'ELB',
      healthCheckGracePeriod: 300,
      tags: [{ key: 'Name', value: names.group, propagateAtLaunch: true }],
    });
    acknowledge(group, 'AS3');
  }

  #function(name: string): void {
    const { workload, names } = this.place;
    const spec = workload.functions[name];
    if (spec === undefined) return;
    const id = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    const code = new Asset(this, `${id}Code`, { path: functionBundle(spec.entry, this.#baseDirectory) });
    const made = new lambda.CfnFunction(this, `${id}Function`, {
      functionName: names.workloadFunction(name),
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      role: roleArn(this.place, `${names.prefix}-function`),
      code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
      timeout: spec.timeoutSeconds,
      memorySize: spec.memory,
      environment: { variables: { PARAMETER_PATH: names.parameterPath } },
    });
    logGroup(this, id, made);
    acknowledge(made, 'L1');
    for (const kind of ruleKinds) if (spec[kind] !== undefined) this.#rule(id, name, kind, made);
    if (spec.queue === undefined) return;
    const stranded = new sqs.CfnQueue(this, `${id}DeadLetters`, {
      queueName: `${names.queue(spec.queue)}-dead`,
      messageRetentionPeriod: 1_209_600,
      sqsManagedSseEnabled: true,
    });
    const queue = new sqs.CfnQueue(this, `${id}Queue`, {
      queueName: names.queue(spec.queue),
      visibilityTimeout: spec.timeoutSeconds * 6,
      messageRetentionPeriod: 1_209_600,
      sqsManagedSseEnabled: true,
      redrivePolicy: { deadLetterTargetArn: stranded.attrArn, maxReceiveCount: 5 },
    });
    new sqs.CfnQueuePolicy(this, `${id}QueueTlsOnly`, {
      queues: [queue.ref, stranded.ref],
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'TlsOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 'sqs:*',
            Resource: '*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
    alarm(this, `${id}Stranded`, {
      name: `${name}-stranded`,
      says: `Messages failed five times and wait in ${names.queue(spec.queue)}-dead. Look into the function's logs, then move them back.`,
      metric: {
        namespace: 'AWS/SQS',
        name: 'ApproximateNumberOfMessagesVisible',
        dimensions: { QueueName: stranded.attrQueueName },
        statistic: 'Maximum',
      },
      when: 'at least',
      threshold: 1,
      period: 300,
      periods: 1,
    });
    this.#regionBound(`queue-${spec.queue}`, queue.ref);
    new lambda.CfnEventSourceMapping(this, `${id}Source`, {
      functionName: made.ref,
      eventSourceArn: queue.attrArn,
      batchSize: spec.batchSize,
      functionResponseTypes: ['ReportBatchItemFailures'],
      enabled: Fn.conditionIf(this.#active.logicalId, true, false),
    });
  }

  /** Invokes a function by the clock, for events, or for objects; like its queue, only where the workload is active. */
  #rule(id: string, name: string, kind: RuleKind, target: lambda.CfnFunction): void {
    const { names } = this.place;
    const ruleId = `${id}${kind[0]?.toUpperCase()}${kind.slice(1)}`;
    const rule = new events.CfnRule(this, ruleId, {
      name: names.functionRule(name, kind),
      ...this.#when(name, kind),
      state: Fn.conditionIf(this.#active.logicalId, 'ENABLED', 'DISABLED').toString(),
      targets: [{ id: 'function', arn: target.attrArn }],
    });
    new lambda.CfnPermission(this, `${ruleId}Permission`, {
      action: 'lambda:InvokeFunction',
      functionName: target.ref,
      principal: 'events.amazonaws.com',
      sourceArn: rule.attrArn,
    });
  }

  #when(name: string, kind: RuleKind): Pick<events.CfnRuleProps, 'scheduleExpression' | 'eventPattern'> {
    const { workload, names, side } = this.place;
    const { schedule, events: pattern, objects } = workload.functions[name] ?? {};
    if (kind === 'schedule') return schedule === undefined ? {} : { scheduleExpression: schedule };
    if (kind === 'events') return { eventPattern: pattern };
    return {
      eventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [names.bucket(objects?.bucket ?? '', side)] },
          ...(objects?.prefix === undefined ? {} : { object: { key: [{ prefix: objects.prefix }] } }),
        },
      },
    };
  }

  /** Values of the application's own parameters: made once, their owners' afterwards. */
  #parameters(): void {
    const { workload, names } = this.place;
    for (const [name, value] of Object.entries(workload.parameters.values)) {
      installed(this, `Value-${name}`, {
        Kind: 'parameter',
        Name: `${names.parameterPath}${name}`,
        Value: value,
        Type: 'String',
      });
    }
  }

  #regionBound(name: string, value: string): void {
    new ssm.CfnParameter(this, `Parameter-${name}`, {
      name: `${this.place.names.parameterPath}${regionBoundPrefix}${name}`,
      type: 'String',
      value,
    });
  }
}

/** Everything else the application needs it reads from the parameters under its path. */
/**
 * The application's environment, as the file the image's service reads (systemd's `EnvironmentFile`, or a shell's `.`): what a user data
 * script exports ends with the script. The service is to be ordered after cloud-final.service.
 */
function userData(place: Place): string {
  const { workload, names, side } = place;
  const environment = {
    ...workload.compute.environment,
    AWS_REGION: regionOf(workload, side),
    PORT: String(workload.compute.port),
    PARAMETER_PATH: names.parameterPath,
    DATABASE_NAME: workload.database.name,
  };
  return [
    '#!/bin/sh',
    `cat > ${environmentFile} <<'END_OF_ENVIRONMENT'`,
    ...Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`),
    'END_OF_ENVIRONMENT',
    '',
  ].join('\n');
}

const environmentFile = '/etc/pilot-light.env';

/** Read the same by systemd and by a shell. */
const quoted = (value: string): string =>
  /^[\w@%+=:,./-]*$/.test(value) ? value : `"${value.replaceAll(/[\\"$`]/g, '\\$&')}"`;
