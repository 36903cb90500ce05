/** The workload's own Lambda functions in both Regions, with what feeds them: queues, schedules, events, objects. Sources are on only where the workload is active. */

import { aws_events as events, Fn, aws_lambda as lambda, aws_sqs as sqs } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { RuleKind } from '../../workload/names.ts';
import { ruleKinds } from '../../workload/names.ts';
import { acknowledge } from '../acknowledged.ts';
import { alarm } from '../alarms.ts';
import { functionBundle } from '../bundle.ts';
import { logGroup } from '../log-group.ts';
import type { Home, PartProps } from '../part.ts';
import { idOf, isActive, Part, regionBound } from '../part.ts';
import type { Place } from '../place.ts';
import { roleArn } from '../place.ts';
import { tlsOnly } from '../tls-only.ts';

export interface FunctionsProps extends PartProps {
  /**
   * The folder that functions' entries are relative to.
   * @default the current directory
   */
  readonly baseDirectory?: string;
}

export class Functions extends Part {
  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id, props);
    for (const side of ['recovery', 'primary'] as const) {
      for (const name of Object.keys(props.workload.functions))
        functionIn(this.homeOn(side), name, props.baseDirectory ?? process.cwd());
    }
  }
}

function functionIn(home: Home, name: string, baseDirectory: string): void {
  const { workload, names } = home.place;
  const spec = workload.functions[name];
  if (spec === undefined) return;
  const id = idOf(name);
  const code = new Asset(home, `${id}Code`, { path: functionBundle(spec.entry, baseDirectory) });
  const made = new lambda.CfnFunction(home, id, {
    functionName: names.workloadFunction(name),
    runtime: 'nodejs22.x',
    architectures: ['arm64'],
    handler: 'index.handler',
    role: roleArn(home.place, `${names.prefix}-function`),
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    timeout: spec.timeoutSeconds,
    memorySize: spec.memory,
    environment: { variables: { PARAMETER_PATH: names.parameterPath } },
  });
  logGroup(home, id, made);
  acknowledge(made, 'L1');
  for (const kind of ruleKinds) if (spec[kind] !== undefined) ruleIn(home, id, name, kind, made);
  if (spec.queue === undefined) return;
  const stranded = new sqs.CfnQueue(home, `${id}DeadLetters`, {
    queueName: `${names.queue(spec.queue)}-dead`,
    messageRetentionPeriod: 1_209_600,
    sqsManagedSseEnabled: true,
  });
  const queue = new sqs.CfnQueue(home, `${id}Queue`, {
    queueName: names.queue(spec.queue),
    visibilityTimeout: spec.timeoutSeconds * 6,
    messageRetentionPeriod: 1_209_600,
    sqsManagedSseEnabled: true,
    redrivePolicy: { deadLetterTargetArn: stranded.attrArn, maxReceiveCount: 5 },
  });
  new sqs.CfnQueuePolicy(home, `${id}QueueTlsOnly`, {
    queues: [queue.ref, stranded.ref],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [tlsOnly('sqs:*', '*')],
    },
  });
  alarm(home, `${id}Stranded`, {
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
  regionBound(home, `queue-${spec.queue}`, queue.ref);
  new lambda.CfnEventSourceMapping(home, `${id}Source`, {
    functionName: made.ref,
    eventSourceArn: queue.attrArn,
    batchSize: spec.batchSize,
    functionResponseTypes: ['ReportBatchItemFailures'],
    ...(spec.maxConcurrency === undefined ? {} : { scalingConfig: { maximumConcurrency: spec.maxConcurrency } }),
    enabled: Fn.conditionIf(isActive(home).logicalId, true, false),
  });
}

/** Invokes a function by the clock, for events, or for objects; like its queue, only where the workload is active. */
function ruleIn(home: Home, id: string, name: string, kind: RuleKind, target: lambda.CfnFunction): void {
  const { names } = home.place;
  const ruleId = `${id}${idOf(kind)}`;
  const rule = new events.CfnRule(home, ruleId, {
    name: names.functionRule(name, kind),
    ...when(home.place, name, kind),
    state: Fn.conditionIf(isActive(home).logicalId, 'ENABLED', 'DISABLED').toString(),
    targets: [{ id: 'function', arn: target.attrArn }],
  });
  new lambda.CfnPermission(home, `${ruleId}Permission`, {
    action: 'lambda:InvokeFunction',
    functionName: target.ref,
    principal: 'events.amazonaws.com',
    sourceArn: rule.attrArn,
  });
}

function when(
  { workload, names, side }: Place,
  name: string,
  kind: RuleKind,
): Pick<events.CfnRuleProps, 'scheduleExpression' | 'eventPattern'> {
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
