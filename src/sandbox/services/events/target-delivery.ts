/** One event on its way to one target of a rule: input, latency, retries, and the dead-letter queue at the end of them. */

import type { Target } from '@aws-sdk/client-eventbridge';
import { isoTime } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { Principal, SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { publishMetric } from '../monitoring/publish.ts';
import { type Arn, parseArn } from './arn.ts';
import { deliver } from './deliver.ts';
import { Deliveries, type DeliveryKind, defaultRetryPolicy } from './deliveries.ts';
import { forwardedEvent } from './forwarding.ts';
import { targetInput } from './input.ts';
import type { EventEnvelope, Rule } from './model.ts';

export interface TargetDelivery {
  readonly region: string;
  readonly rule: Rule;
  readonly target: Target;
  readonly event: EventEnvelope;
  /** Milliseconds of AWS time before the usual delivery latency begins. */
  readonly delay: number;
}

/** What is kept of a delivery: as `TargetDelivery`, and what it is known by. */
interface Sent {
  readonly rule: Pick<Rule, 'arn' | 'name'>;
  readonly target: Target;
  readonly event: EventEnvelope;
  readonly id: string;
  readonly ingested: string;
}

export function sendToTarget(core: SandboxCore, deliveries: Deliveries<Sent>, delivery: TargetDelivery): void {
  const { region, rule, target, event } = delivery;
  const crosses = parseArn(target.Arn ?? '').region !== region;
  const latency = core.timing.milliseconds(
    crosses ? 'eventbridge_delivery_cross_region' : 'eventbridge_delivery_same_region',
  );
  const policy = {
    maximumAgeSeconds: target.RetryPolicy?.MaximumEventAgeInSeconds ?? defaultRetryPolicy.maximumAgeSeconds,
    maximumAttempts: target.RetryPolicy?.MaximumRetryAttempts ?? defaultRetryPolicy.maximumAttempts,
  };
  const id = `${event.id}_${core.ids.uuid()}`;
  const ingested = isoTime(core.region(region).clock.now());
  const sent = { rule: { arn: rule.arn, name: rule.name }, target, event, id, ingested };
  deliveries.send(region, sent, policy, delivery.delay + latency);
}

export const targetDeliveries = (core: SandboxCore): Deliveries<Sent> =>
  new Deliveries(core, 'events', {
    attempt: (region, sent, taken) => attempt(core, region, sent, taken),
    giveUp: (region, sent, error, details) => giveUp(core, region, sent, error, details),
  });

async function attempt(
  core: SandboxCore,
  region: string,
  { rule, target, event, id, ingested }: Sent,
  taken: () => void,
): Promise<void> {
  const payload = targetInput(target, { ...event }, { ruleArn: rule.arn, ruleName: rule.name, ingested });
  await deliver(core, {
    region,
    service: 'events',
    sourceArn: rule.arn,
    target: target.Arn ?? '',
    roleArn: target.RoleArn,
    payload,
    id: id.slice(0, 80),
    messageGroupId: target.SqsParameters?.MessageGroupId,
    forward: (to, principal) => forward(core, region, event, to, principal, taken),
    taken,
  });
  publishMetric(core, region, 'AWS/Events', 'Invocations', { RuleName: rule.name }, 1);
}

async function giveUp(core: SandboxCore, region: string, sent: Sent, error: unknown, details: End): Promise<void> {
  const { attempts } = details;
  const { rule, target } = sent;
  publishMetric(core, region, 'AWS/Events', 'FailedInvocations', { RuleName: rule.name }, 1);
  const text = `FailedInvocation of ${target.Arn} by ${rule.arn} after ${attempts} attempts: ${codeOf(error)}: ${messageOf(error)}`;
  core.log({ service: 'events', region, text });
  if (target.DeadLetterConfig?.Arn !== undefined)
    await setAside(core, region, sent, target.DeadLetterConfig.Arn, error, details);
}

async function forward(
  core: SandboxCore,
  from: string,
  event: EventEnvelope,
  to: Arn,
  principal: Principal,
  taken: () => void,
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
    onOutput: taken,
  });
}

type End = Parameters<DeliveryKind<Sent>['giveUp']>[3];

async function setAside(
  core: SandboxCore,
  region: string,
  { rule, target, event, id }: Sent,
  queue: string,
  error: unknown,
  { attempts, taken }: End,
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
    taken,
    messageAttributes: {
      RULE_ARN: text(rule.arn),
      TARGET_ARN: text(target.Arn ?? ''),
      ERROR_CODE: text(codeOf(error) ?? 'InternalError'),
      ERROR_MESSAGE: text(messageOf(error)),
      RETRY_ATTEMPTS: text(String(attempts - 1)),
    },
  });
}
