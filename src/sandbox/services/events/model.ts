/** Buses, rules and their targets, and the way of an event from a bus to the targets of the rules it fits. */

import type { Target } from '@aws-sdk/client-eventbridge';
import { isoTime } from '../../../kernel/clock.ts';
import type { SandboxCore, Table } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { arrivals } from './arrivals.ts';
import { Minutes } from './minutes.ts';
import { matches, parsePattern } from './pattern.ts';
import { localMinute, parseSchedule } from './schedule-expression.ts';
import { sendToTarget, targetDeliveries } from './target-delivery.ts';

export const defaultBus = 'default';

export interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly policy?: string | undefined;
  readonly description?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly created: number;
}

export interface Rule {
  readonly name: string;
  readonly bus: string;
  readonly arn: string;
  readonly pattern?: string | undefined;
  readonly schedule?: string | undefined;
  readonly enabled: boolean;
  readonly description?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly targets: readonly Target[];
  /** When a `rate` rule runs next: a full minute of AWS time. */
  readonly nextRun?: number | undefined;
}

/** An event as it travels: EventBridge's envelope. */
export interface EventEnvelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export class EventsModel {
  readonly #core: SandboxCore;
  readonly #minutes: Minutes;
  readonly #deliveries: ReturnType<typeof targetDeliveries>;
  readonly #patterns = new Map<string, Record<string, unknown>>();

  constructor(core: SandboxCore) {
    this.#core = core;
    this.#minutes = new Minutes(core, (region, minute) => this.#runScheduled(region, minute));
    this.#deliveries = targetDeliveries(core);
  }

  /** Takes up the schedules and deliveries of an earlier life. */
  resume(): void {
    for (const region of this.#core.regions) {
      const isScheduled = ({ schedule, enabled }: Rule): boolean => schedule !== undefined && enabled;
      if (this.rules(region).values().some(isScheduled)) this.#minutes.ensure(region);
    }
    this.#deliveries.resume();
  }

  buses(region: string): Table<Bus> {
    const table = this.#core.table<Bus>('events', region, 'buses');
    if (!table.has(defaultBus)) {
      table.put(defaultBus, {
        name: defaultBus,
        arn: this.busArn(region, defaultBus),
        tags: {},
        created: this.#core.clock.now(),
      });
    }
    return table;
  }

  /** Keys are `<bus>/<rule>`. */
  rules(region: string): Table<Rule> {
    return this.#core.table<Rule>('events', region, 'rules');
  }

  busArn(region: string, name: string): string {
    return `arn:aws:events:${region}:${this.#core.account}:event-bus/${name}`;
  }

  ruleArn(region: string, bus: string, name: string): string {
    const path = bus === defaultBus ? name : `${bus}/${name}`;
    return `arn:aws:events:${region}:${this.#core.account}:rule/${path}`;
  }

  bus(region: string, name: string): Bus {
    const bus = this.buses(region).get(name);
    if (bus === undefined) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
    return bus;
  }

  rule(region: string, bus: string, name: string): Rule {
    this.bus(region, bus);
    const rule = this.rules(region).get(`${bus}/${name}`);
    if (rule === undefined) {
      throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
    }
    return rule;
  }

  putRule(region: string, rule: Rule): void {
    const schedule = rule.schedule === undefined ? undefined : parseSchedule(rule.schedule);
    if (schedule?.kind === 'at')
      throw new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
    const before = this.rules(region).get(`${rule.bus}/${rule.name}`);
    const keepsPace = before?.schedule === rule.schedule && before?.enabled === rule.enabled;
    const nextRun =
      schedule?.kind !== 'rate'
        ? undefined
        : keepsPace
          ? before?.nextRun
          : this.#firstRun(region, schedule.milliseconds);
    this.rules(region).put(`${rule.bus}/${rule.name}`, { ...rule, nextRun });
    if (rule.schedule !== undefined && rule.enabled) this.#minutes.ensure(region);
  }

  /** Hands an event to every enabled rule of the bus that it fits. `forwarded` events don't travel to a third bus, as on AWS. */
  accept(region: string, bus: string, event: EventEnvelope, forwarded: boolean): void {
    const times = arrivals(this.#core, region, event.source);
    for (const rule of this.rules(region).values()) {
      if (rule.bus !== bus || !rule.enabled || rule.pattern === undefined) continue;
      if (!matches(this.#pattern(rule.pattern), event)) continue;
      for (let time = 0; time < times; time++) this.#send(region, rule, event, forwarded, 0);
    }
  }

  #pattern(text: string): Record<string, unknown> {
    const known = this.#patterns.get(text) ?? parsePattern(text);
    this.#patterns.set(text, known);
    return known;
  }

  #send(region: string, rule: Rule, event: EventEnvelope, forwarded: boolean, delay: number): void {
    for (const target of rule.targets) {
      if (forwarded && isBus(target.Arn ?? '')) continue;
      sendToTarget(this.#core, this.#deliveries, { region, rule, target, event, delay });
    }
  }

  #firstRun(region: string, rate: number): number {
    return Math.floor((this.#core.region(region).clock.now() + rate) / 60_000) * 60_000;
  }

  #runScheduled(region: string, minute: number): boolean {
    const scheduled = this.rules(region)
      .values()
      .filter(({ schedule, enabled }) => schedule !== undefined && enabled);
    for (const rule of scheduled) if (this.#isDue(region, rule, minute)) this.#run(region, rule, minute);
    return scheduled.length > 0;
  }

  #isDue(region: string, rule: Rule, minute: number): boolean {
    const schedule = parseSchedule(rule.schedule ?? '');
    if (schedule.kind === 'cron') return schedule.due(localMinute(minute));
    if (schedule.kind !== 'rate' || minute < (rule.nextRun ?? 0)) return false;
    this.rules(region).update(`${rule.bus}/${rule.name}`, (kept) => ({
      ...kept,
      nextRun: minute + schedule.milliseconds,
    }));
    return true;
  }

  #run(region: string, rule: Rule, minute: number): void {
    // Scheduled rules keep to their minute, not to its first second.
    const delay = Math.min(this.#core.timing.milliseconds('eventbridge_scheduler_jitter'), 59_000);
    this.#send(
      region,
      rule,
      { ...this.envelope(region, 'aws.events', 'Scheduled Event', minute), resources: [rule.arn] },
      false,
      delay,
    );
  }

  envelope(region: string, source: string, detailType: string, at: number): EventEnvelope {
    return {
      version: '0',
      id: this.#core.ids.uuid(),
      'detail-type': detailType,
      source,
      account: this.#core.account,
      time: `${isoTime(at).slice(0, 19)}Z`,
      region,
      resources: [],
      detail: {},
    };
  }
}

const isBus = (arn: string): boolean => arn.includes(':event-bus/');
