/** Lambda, and what feeds it: queues, topics, schedules, buses. */

import type { Charge, Pricers, Setting } from '../charge.ts';
import { listOf, numberOf, rate, textOf } from '../charge.ts';
import { controlFunctionOf, rulesFor, scheduledRuns } from '../control.ts';
import { firesPerMonth, minutesPerMonth } from '../schedule.ts';
import type { Resource } from '../template.ts';
import { referredTo } from '../template.ts';

export const functionPricers: Pricers = {
  'AWS::Lambda::Function': (resource, setting) => {
    const { usage, names, control, side } = setting;
    const name = controlFunctionOf(resource, names);
    if (name === undefined) {
      const invocations = ownInvocations(resource, setting);
      return invocationCharges(resource, invocations, usage.functionMs / 1000, 'functions');
    }
    const { invocations = 0, seconds = 0 } = control.runs.get(`${side} ${name}`) ?? {};
    return invocationCharges(resource, invocations, seconds, 'control').map((charge) => ({
      ...charge,
      column: 'standby',
    }));
  },
  'AWS::Lambda::EventSourceMapping': (mapping, { all, usage }) => {
    if (mapping.properties.Enabled === false || mapping.properties.Enabled === 'false') return [];
    const queue = queueOf(mapping, all);
    if (queue === undefined) return [];
    return [queueCharge(queue, usage.queuePollers * 3 * minutesPerMonth, 'polls of Lambda')];
  },
  'AWS::SQS::Queue': (queue, { all, usage, mode }) => {
    const consumed = all.some(
      (one) =>
        one.type === 'AWS::Lambda::EventSourceMapping' &&
        one.stack === queue.stack &&
        queueOf(one, all)?.id === queue.id,
    );
    // Sent, received, deleted. A queue that nobody is said to read holds what failed.
    const requests = consumed ? 3 * usage.queueMessages * mode.share : 0;
    return [queueCharge(queue, requests, 'messages')];
  },
  /** Deliveries to Lambda cost nothing. */
  'AWS::SNS::Topic': ({ properties }, { usage, mode, names, workload }) => {
    const ours = properties.TopicName === names.topic;
    const messages = ours ? usage.notices : usage.notifications * mode.share;
    const charges: Charge[] = [
      {
        component: 'queues and events',
        what: `messages of ${textOf(properties.TopicName) ?? 'a topic'}`,
        rates: rate('sns.requests-1m'),
        quantity: messages / 1e6,
        unit: 'million',
      },
    ];
    const mailed = workload.notifications.email.length;
    if (ours && mailed > 0) {
      charges.push({
        component: 'queues and events',
        what: 'e-mails',
        rates: rate('sns.emails-100k'),
        quantity: (messages * mailed) / 100_000,
        unit: 'hundred thousand',
      });
    }
    return charges;
  },
  /** Events of AWS itself and schedules cost nothing; those on a bus of one's own are counted there. */
  'AWS::Events::EventBus': (_, { usage, mode }) => [
    {
      component: 'queues and events',
      what: 'custom events',
      rates: rate('events.custom-1m'),
      quantity: (usage.customEvents * mode.share) / 1e6,
      unit: 'million',
    },
  ],
  'AWS::Scheduler::Schedule': ({ properties }) => [
    {
      component: 'queues and events',
      what: 'invocations of a schedule',
      rates: rate('scheduler.invocations-1m'),
      quantity:
        properties.State === 'DISABLED'
          ? 0
          : (firesPerMonth(textOf(properties.ScheduleExpression) ?? '') ?? Number.NaN) / 1e6,
      unit: 'million',
    },
  ],
};

/** A function that nothing but a clock starts runs by its schedule; how often others are asked, no template tells. */
function ownInvocations(resource: Resource, { all, usage, mode }: Setting): number {
  const rules = rulesFor(resource, all);
  const fed = all.some(
    ({ type, stack, properties }) =>
      type === 'AWS::Lambda::EventSourceMapping' &&
      stack === resource.stack &&
      referredTo(properties.FunctionName) === resource.id,
  );
  const byClock =
    !fed && rules.length > 0 && rules.every(({ properties }) => properties.ScheduleExpression !== undefined);
  return byClock ? scheduledRuns(resource, all) : usage.functionInvocations * mode.share;
}

function invocationCharges(
  { properties }: Resource,
  invocations: number,
  seconds: number,
  component: 'functions' | 'control',
): Charge[] {
  const memory = properties.MemorySize === undefined ? 128 : numberOf(properties.MemorySize);
  const arm = listOf(properties.Architectures)[0] === 'arm64';
  const what = textOf(properties.FunctionName) ?? 'a function';
  return [
    {
      component,
      what: `${what}: invocations`,
      rates: rate('lambda.requests-1m'),
      quantity: invocations / 1e6,
      unit: 'million',
    },
    {
      component,
      what: `${what}: running`,
      rates: rate(arm ? 'lambda.gb-s-arm' : 'lambda.gb-s-x86'),
      quantity: (invocations * seconds * memory) / 1024,
      unit: 'GB-seconds',
    },
  ];
}

function queueCharge(queue: Resource, requests: number, what: string): Charge {
  const fifo = queue.properties.FifoQueue === true;
  return {
    component: 'queues and events',
    what: `${textOf(queue.properties.QueueName) ?? 'queue'}: ${what}`,
    rates: rate(fifo ? 'sqs.fifo-requests-1m' : 'sqs.requests-1m'),
    quantity: requests / 1e6,
    unit: 'million',
  };
}

/** The queue a mapping reads from; streams and tables bill nothing for being read by Lambda. */
function queueOf(mapping: Resource, all: Setting['all']): Resource | undefined {
  const { EventSourceArn: source } = mapping.properties;
  const id = referredTo(source);
  const name = /^arn:[^:]+:sqs:[^:]+:[^:]*:(.+)$/.exec(textOf(source) ?? '')?.[1];
  return all.find(
    (one) =>
      one.type === 'AWS::SQS::Queue' &&
      one.side === mapping.side &&
      (name === undefined ? one.stack === mapping.stack && one.id === id : one.properties.QueueName === name),
  );
}
