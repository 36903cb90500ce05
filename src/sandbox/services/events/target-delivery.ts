/** One event on its way to one target of a rule: input, latency, retries, and the dead-letter queue at the end of them. */

import type { Target } from '@aws-sdk/client-eventbridge';
import { isoTime } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { Principal, SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { publishMetric } from '../monitoring/publish.ts';
import { type Arn, parseArn } from './arn.ts';
import { deliver } from './deliver.ts';
import { forwardedEvent } from './forwarding.ts';
import { targetInput } from './input.ts';
import type { EventEnvelope, Rule } from './model.ts';
import { defaultRetryPolicy, retrying } from './retry.ts';

export interface TargetDelivery {
  readonly region: string;
  readonly rule: Rule;
  readonly target: Target;
  readonly event: EventEnvelope;
  /** Milliseconds of AWS time before the usual delivery latency begins. */
  readonly delay: number;
}

export function sendToTarget(core: SandboxCore, delivery: TargetDelivery): void {
  const { region, rule, target, event } = delivery;
  const runtime = core.region(region);
  const arn = target.Arn ?? '';
  const crosses = parseArn(arn).region !== region;
  const latency = core.timing.milliseconds(
    crosses ? 'eventbridge_delivery_cross_region' : 'eventbridge_delivery_same_region',
  );
  const id = `${event.id}_${core.ids.uuid()}`;
  const ingested = isoTime(runtime.clock.now());
  const policy = {
    maximumAgeSeconds: target.RetryPolicy?.MaximumEventAgeInSeconds ?? defaultRetryPolicy.maximumAgeSeconds,
    maximumAttempts: target.RetryPolicy?.MaximumRetryAttempts ?? defaultRetryPolicy.maximumAttempts,
  };

  const attempt = async (): Promise<void> => {
    const payload = targetInput(target, { ...event }, { ruleArn: rule.arn, ruleName: rule.name, ingested });
    await deliver(core, {
      region,
      service: 'events',
      sourceArn: rule.arn,
      target: arn,
      roleArn: target.RoleArn,
      payload,
      id: id.slice(0, 80),
      messageGroupId: target.SqsParameters?.MessageGroupId,
      forward: (to, principal) => forward(core, region, event, to, principal),
    });
    publishMetric(core, region, 'AWS/Events', 'Invocations', { RuleName: rule.name }, 1);
  };

  const giveUp = async (error: unknown, attempts: number): Promise<void> => {
    publishMetric(core, region, 'AWS/Events', 'FailedInvocations', { RuleName: rule.name }, 1);
    const text = `FailedInvocation of ${arn} by ${rule.arn} after ${attempts} attempts: ${codeOf(error)}: ${messageOf(error)}`;
    core.log({ service: 'events', region, text });
    if (target.DeadLetterConfig?.Arn !== undefined)
      await setAside(core, delivery, target.DeadLetterConfig.Arn, id, error, attempts);
  };

  runtime.clock.after(delivery.delay + latency, () => retrying(core, { region: runtime, policy, attempt, giveUp }));
}

async function forward(
  core: SandboxCore,
  from: string,
  event: EventEnvelope,
  to: Arn,
  principal: Principal,
): Promise<void> {
  const entry = {
    EventBusName: to.text,
    Source: event.source,
    DetailType: event['detail-type'],
    [forwardedEvent]: event,
  };
  await core.invoke({
    service: 'events',
    operation: 'PutEvents',
    region: to.region,
    from,
    input: { Entries: [entry] },
    principal,
  });
}

async function setAside(
  core: SandboxCore,
  { region, rule, target, event }: TargetDelivery,
  queue: string,
  id: string,
  error: unknown,
  attempts: number,
): Promise<void> {
  const text = (StringValue: string): { DataType: string; StringValue: string } => ({
    DataType: 'String',
    StringValue,
  });
  await deliver(core, {
    region,
    service: 'events',
    sourceArn: rule.arn,
    target: queue,
    payload: JSON.stringify(event),
    id: id.slice(0, 80),
    messageAttributes: {
      RULE_ARN: text(rule.arn),
      TARGET_ARN: text(target.Arn ?? ''),
      ERROR_CODE: text(codeOf(error) ?? 'InternalError'),
      ERROR_MESSAGE: text(messageOf(error)),
      RETRY_ATTEMPTS: text(String(attempts - 1)),
    },
  });
}
