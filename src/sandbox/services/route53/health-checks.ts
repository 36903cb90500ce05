/**
 * Health checks: data plane, on AWS time as it is outside all Regions.
 *
 *  1. An endpoint is looked at every interval; after `FailureThreshold` equal looks in a row that differ from the verdict, the verdict
 *     turns, and is believed everywhere after `propagation`. The many checkers around the world are modelled as one.
 *  2. An alarm's metric stream (not the alarm: SetAlarmState moves nothing) is judged once for each period, `checkerLag` after its end.
 *     With the period of 60 s a change is therefore answered by DNS after 60 to 150 s: the rest of its period, and the lag.
 *  3. Missing data, as from a dark Region, leads to what InsufficientDataHealthStatus says.
 *  4. A new check counts as healthy until there is a verdict. Inversion turns what is shown, not what is watched.
 */

import type { HealthCheckConfig } from '@aws-sdk/client-route-53';
import type { Timer } from '../../../kernel/clock.ts';
import type { SandboxCore } from '../../contract.ts';
import { type AlarmState, evaluate, lookback } from '../monitoring/evaluate.ts';
import type { Probe } from './probe.ts';
import { type CheckRow, controlPlane, route53Tables } from './rows.ts';

/** Milliseconds until a verdict is known to all name servers. Estimate: the rest of `route53_hc_detect_10s_x3` after its 30 s. */
const propagation = 5000;

export class HealthChecks {
  readonly #core: SandboxCore;
  readonly #probe: Probe;
  readonly #timers = new Map<string, Timer>();
  readonly #streaks = new Map<string, number>();

  constructor(core: SandboxCore, probe: Probe) {
    this.#core = core;
    this.#probe = probe;
  }

  /** Starts or restarts watching what the check says. */
  start({ id, config, version }: CheckRow): void {
    this.stop(id);
    if (config.Type === 'CLOUDWATCH_METRIC') this.#nextPeriod(id, version);
    else if (config.Type !== 'CALCULATED') this.#nextLook(id, version);
  }

  stop(id: string): void {
    this.#timers.get(id)?.cancel();
    this.#timers.delete(id);
    this.#streaks.delete(id);
  }

  stopAll(): void {
    for (const id of this.#timers.keys()) this.stop(id);
  }

  /** The status DNS goes by. A check that doesn't exist any more holds nothing up. */
  isHealthy(id: string, depth = 0): boolean {
    const check = route53Tables(this.#core).checks.get(id);
    if (check === undefined) return true;
    const { Disabled, Inverted, Type, ChildHealthChecks = [], HealthThreshold = 1 } = check.config;
    const watched = (): boolean => {
      if (Type !== 'CALCULATED') return check.watchedIsHealthy;
      return (
        depth > 8 || ChildHealthChecks.filter((child) => this.isHealthy(child, depth + 1)).length >= HealthThreshold
      );
    };
    return (Disabled === true || watched()) !== (Inverted === true);
  }

  #current(id: string, version: number): CheckRow | undefined {
    const check = route53Tables(this.#core).checks.get(id);
    return check?.version === version ? check : undefined;
  }

  #nextLook(id: string, version: number): void {
    const check = this.#current(id, version);
    if (check === undefined) return;
    const interval = 1000 * (check.config.RequestInterval ?? 30);
    this.#timers.set(
      id,
      this.#core.clock.after(interval, () => {
        this.#nextLook(id, version);
        if (check.config.Disabled !== true) void this.#look(id, version, check.config);
      }),
    );
  }

  async #look(id: string, version: number, config: HealthCheckConfig): Promise<void> {
    const { healthy, text } = await this.#probe(config);
    const check = this.#current(id, version);
    if (check === undefined) return;
    this.#write(id, { observation: text, observed: this.#core.clock.now() });
    const streak = healthy === check.watchedIsHealthy ? 0 : (this.#streaks.get(id) ?? 0) + 1;
    this.#streaks.set(id, streak);
    if (streak !== (config.FailureThreshold ?? 3)) return;
    this.#core.clock.after(propagation, () => {
      if (this.#current(id, version) !== undefined) this.#write(id, { watchedIsHealthy: healthy });
      this.#streaks.set(id, 0);
    });
  }

  #nextPeriod(id: string, version: number): void {
    const check = this.#current(id, version);
    if (check === undefined) return;
    const period = 1000 * (check.alarm?.Period ?? 60);
    const lag = checkerLag(this.#core, period);
    const sincePeriod = (this.#core.clock.now() - lag) % period;
    this.#timers.set(
      id,
      this.#core.clock.after(period - sincePeriod, () => {
        const end = Math.round((this.#core.clock.now() - lag) / period) * period;
        this.#nextPeriod(id, version);
        void this.#judge(id, version, end);
      }),
    );
  }

  async #judge(id: string, version: number, end: number): Promise<void> {
    const check = this.#current(id, version);
    if (check?.alarm === undefined || check.config.Disabled === true) return;
    const { EvaluationPeriods = 1, Threshold = 0, ComparisonOperator = '' } = check.alarm;
    const rule = {
      comparison: ComparisonOperator,
      threshold: Threshold,
      periods: EvaluationPeriods,
      datapointsToAlarm: EvaluationPeriods,
      missing: 'missing',
    } as const;
    const before: AlarmState = check.watchedIsHealthy ? 'OK' : 'ALARM';
    const state = evaluate(rule, await this.#values(check, end, EvaluationPeriods + lookback), before);
    if (this.#current(id, version) === undefined) return;
    const observation = { observation: `The metric stream is ${state}.`, observed: this.#core.clock.now() };
    this.#write(id, { ...observation, watchedIsHealthy: verdictOn(state, check) });
  }

  /** The last periods of the metric stream, oldest first; none of them while its Region can't be heard. */
  async #values({ config, alarm }: CheckRow, end: number, count: number): Promise<(number | undefined)[]> {
    const period = 1000 * (alarm?.Period ?? 60);
    const from = end - count * period;
    const empty = Array.from({ length: count }, () => undefined);
    const region = config.AlarmIdentifier?.Region ?? controlPlane;
    if (!this.#core.regions.includes(region) || this.#core.region(region).dark) return empty;
    const Metric = { Namespace: alarm?.Namespace, MetricName: alarm?.MetricName, Dimensions: alarm?.Dimensions };
    const query = { Id: 'm', MetricStat: { Metric, Period: period / 1000, Stat: alarm?.Statistic } };
    type Answer = { MetricDataResults?: { Timestamps?: Date[]; Values?: number[] }[] };
    const { MetricDataResults = [] } = await this.#core.invoke<Answer>({
      service: 'monitoring',
      operation: 'GetMetricData',
      region,
      input: { MetricDataQueries: [query], StartTime: new Date(from), EndTime: new Date(end) },
      principal: this.#core.as('route53'),
    });
    const { Timestamps = [], Values = [] } = MetricDataResults[0] ?? {};
    const values = new Map(Timestamps.map((at, index) => [at.getTime(), Values[index]]));
    return empty.map((_, index) => values.get(from + index * period));
  }

  #write(id: string, change: Partial<CheckRow>): void {
    route53Tables(this.#core).checks.update(id, (row) => ({ ...row, ...change }));
  }
}

function verdictOn(state: AlarmState, { config, watchedIsHealthy }: CheckRow): boolean {
  if (state !== 'INSUFFICIENT_DATA') return state === 'OK';
  if (config.InsufficientDataHealthStatus === 'Healthy') return true;
  if (config.InsufficientDataHealthStatus === 'Unhealthy') return false;
  return watchedIsHealthy;
}

/**
 * How long after a period's end its datapoint is judged and the answer known: such that, with half a period of waiting, a flip takes
 * `route53_alarm_latch_flip`. Kept between 60 and 90 s, so that the whole lies between 60 and 150 s.
 */
const checkerLag = (core: SandboxCore, period: number): number =>
  Math.min(90_000, Math.max(60_000, core.timing.milliseconds('route53_alarm_latch_flip') - period / 2));
