/**
 * EventBridge Scheduler: schedules that come due minute by minute in their own time zone, and run their target with their own role.
 * What falls due while the Region is dark doesn't run later; a one-time schedule that was missed runs on return.
 */

import type { CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import { isoTime } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { SandboxCore, Table } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { deliver } from '../events/deliver.ts';
import { Deliveries, defaultRetryPolicy } from '../events/deliveries.ts';
import { Minutes } from '../events/minutes.ts';

import { type LocalMinute, localMinute, localText, parseSchedule } from '../events/schedule-expression.ts';
import { publishMetric } from '../monitoring/publish.ts';

export interface ScheduleGroup {
  readonly name: string;
  readonly arn: string;
  readonly created: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Dates are kept as milliseconds. */
export type Schedule = Omit<
  CreateScheduleCommandInput,
  'StartDate' | 'EndDate' | 'ClientToken' | 'Name' | 'GroupName'
> & {
  readonly name: string;
  readonly group: string;
  readonly arn: string;
  readonly created: number;
  readonly modified: number;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** When a `rate` schedule runs next. */
  readonly nextRun?: number | undefined;
  /** A one-time schedule that has run. */
  readonly done?: boolean;
};

const minuteLong = 60_000;

export class SchedulerModel {
  readonly #core: SandboxCore;
  readonly #minutes: Minutes;
  readonly #deliveries: Deliveries<Sent>;

  constructor(core: SandboxCore) {
    this.#core = core;
    this.#minutes = new Minutes(core, (region, minute) => this.#tick(region, minute));
    this.#deliveries = schedulerDeliveries(core);
  }

  /** Takes up the schedules of an earlier life, and the runs it had begun. */
  resume(): void {
    for (const region of this.#core.regions) if (this.schedules(region).size > 0) this.#minutes.ensure(region);
    this.#deliveries.resume();
  }

  groups(region: string): Table<ScheduleGroup> {
    const table = this.#core.table<ScheduleGroup>('scheduler', region, 'groups');
    if (!table.has('default')) {
      table.put('default', {
        name: 'default',
        arn: this.groupArn(region, 'default'),
        created: this.#core.clock.now(),
        tags: {},
      });
    }
    return table;
  }

  /** Keys are `<group>/<name>`. */
  schedules(region: string): Table<Schedule> {
    return this.#core.table('scheduler', region, 'schedules');
  }

  groupArn(region: string, name: string): string {
    return `arn:aws:scheduler:${region}:${this.#core.account}:schedule-group/${name}`;
  }

  put(region: string, schedule: Omit<Schedule, 'nextRun' | 'done'>): void {
    const expression = parseSchedule(schedule.ScheduleExpression ?? '');
    localMinute(0, schedule.ScheduleExpressionTimezone);
    const from = Math.max(schedule.start ?? 0, this.#core.region(region).clock.now());
    const nextRun =
      expression.kind === 'rate' ? Math.floor((from + expression.milliseconds) / minuteLong) * minuteLong : undefined;
    this.schedules(region).put(`${schedule.group}/${schedule.name}`, { ...schedule, nextRun });
    this.#minutes.ensure(region);
  }

  #tick(region: string, minute: number): boolean {
    const live = this.schedules(region)
      .values()
      .filter(({ State, done }) => State !== 'DISABLED' && done !== true);
    for (const schedule of live) if (this.#isDue(region, schedule, minute)) this.#run(region, schedule);
    return live.length > 0;
  }

  #isDue(region: string, schedule: Schedule, minute: number): boolean {
    if (minute < (schedule.start ?? 0) || minute > (schedule.end ?? Number.POSITIVE_INFINITY)) return false;
    const expression = parseSchedule(schedule.ScheduleExpression ?? '');
    const zone = schedule.ScheduleExpressionTimezone ?? 'UTC';
    if (expression.kind === 'at') return localText(localMinute(minute, zone)) >= expression.at;
    if (expression.kind === 'cron') return expression.due(localMinute(minute, zone)) && !isRepeatedHour(minute, zone);
    if (minute < (schedule.nextRun ?? 0)) return false;
    this.#change(region, schedule, { nextRun: minute + expression.milliseconds });
    return true;
  }

  #run(region: string, schedule: Schedule): void {
    if (parseSchedule(schedule.ScheduleExpression ?? '').kind === 'at') this.#finish(region, schedule);
    const { Mode, MaximumWindowInMinutes = 0 } = schedule.FlexibleTimeWindow ?? {};
    const window = Mode === 'FLEXIBLE' ? this.#core.random.next() * MaximumWindowInMinutes * minuteLong : 0;
    const jitter = Math.min(this.#core.timing.milliseconds('eventbridge_scheduler_jitter'), minuteLong - 1000);
    this.#send(region, schedule, window + jitter);
  }

  /** A one-time schedule is over once it ran; it disappears if it was made to. */
  #finish(region: string, schedule: Schedule): void {
    if (schedule.ActionAfterCompletion === 'DELETE')
      this.schedules(region).delete(`${schedule.group}/${schedule.name}`);
    else this.#change(region, schedule, { done: true });
  }

  #change(region: string, schedule: Schedule, change: Partial<Schedule>): void {
    this.schedules(region).update(`${schedule.group}/${schedule.name}`, (kept) => ({ ...kept, ...change }));
  }

  #send(region: string, schedule: Schedule, delay: number): void {
    const { arn, group, Target: target } = schedule;
    const id = this.#core.ids.uuid();
    const at = isoTime(this.#core.region(region).clock.now() + delay);
    const payload = filled(target?.Input ?? '{}', { arn, id, at });
    const policy = {
      maximumAgeSeconds: target?.RetryPolicy?.MaximumEventAgeInSeconds ?? defaultRetryPolicy.maximumAgeSeconds,
      maximumAttempts: target?.RetryPolicy?.MaximumRetryAttempts ?? defaultRetryPolicy.maximumAttempts,
    };
    this.#deliveries.send(region, { arn, group, target, payload, id }, policy, delay);
  }
}

interface Sent extends Pick<Schedule, 'arn' | 'group'> {
  readonly target: Schedule['Target'];
  readonly payload: string;
  readonly id: string;
}

const schedulerDeliveries = (core: SandboxCore): Deliveries<Sent> => {
  const common = (region: string, { arn, target, payload, id }: Sent) => ({
    region,
    service: 'scheduler',
    sourceArn: arn,
    roleArn: target?.RoleArn,
    payload,
    id,
  });
  return new Deliveries(core, 'scheduler', {
    attempt: (region, sent, taken) =>
      deliver(core, {
        taken,
        ...common(region, sent),
        target: sent.target?.Arn ?? '',
        messageGroupId: sent.target?.SqsParameters?.MessageGroupId,
      }),
    giveUp: async (region, sent, error, { attempts, taken }) => {
      const text = `${sent.arn} could not run ${sent.target?.Arn} in ${attempts} attempts: ${codeOf(error)}: ${messageOf(error)}`;
      core.log({ service: 'scheduler', region, text });
      publishMetric(core, region, 'AWS/Scheduler', 'InvocationDroppedCount', { ScheduleGroup: sent.group }, 1);
      const queue = sent.target?.DeadLetterConfig?.Arn;
      if (queue !== undefined) await deliver(core, { ...common(region, sent), target: queue, taken });
    },
  });
};

/** The keywords Scheduler fills in. */
const filled = (input: string, { arn, id, at }: { arn: string; id: string; at: string }): string =>
  input
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.execution-id>', id)
    .replaceAll('<aws.scheduler.scheduled-time>', at)
    .replaceAll('<aws.scheduler.attempt-number>', '1');

/** When clocks go back an hour passes twice, and a cron schedule runs in the first one only. */
function isRepeatedHour(minute: number, zone: string): boolean {
  const same = (a: LocalMinute, b: LocalMinute): boolean => localText(a) === localText(b);
  return zone !== 'UTC' && same(localMinute(minute - 3_600_000, zone), localMinute(minute, zone));
}
