/** Writing and reading metrics: PutMetricData, GetMetricData, GetMetricStatistics, ListMetrics. */

import type {
  Dimension,
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  GetMetricStatisticsCommandInput,
  GetMetricStatisticsCommandOutput,
  ListMetricsCommandInput,
  ListMetricsCommandOutput,
  MetricDataQuery,
  MetricDatum,
  PutMetricDataCommandInput,
  StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { type Bucket, dimensionList, dimensionRecord, isStatistic, type Series, statistics } from './series.ts';

type Out<T> = Omit<T, '$metadata'>;
const day = 86_400_000;

export function metricOperations(core: SandboxCore, series: Series): Record<string, AnyOperation> {
  const put = (namespace: string, datum: MetricDatum, region: string): void => {
    const now = core.clock.now();
    const at = datum.Timestamp?.getTime() ?? now;
    if (at < now - 14 * day || at > now + 7_200_000) {
      const limits = 'within two weeks before and two hours after the current time';
      throw invalid(`The parameter MetricData.member.1.Timestamp must specify a time ${limits}.`);
    }
    const metric = { namespace, name: datum.MetricName ?? '', dimensions: dimensionRecord(datum.Dimensions) };
    for (const bucket of bucketsOf(datum)) series.put(region, metric, at, bucket, datum.StorageResolution === 1);
  };

  const query = (
    { Id, MetricStat, Expression, Label }: MetricDataQuery,
    input: GetMetricDataCommandInput,
    call: Call,
  ) => {
    if (Expression !== undefined) throw unsupported(`the metric expression ${Expression}`);
    const { Metric, Period = 60, Stat = '', Unit } = MetricStat ?? {};
    const metric = {
      namespace: Metric?.Namespace ?? '',
      name: Metric?.MetricName ?? '',
      dimensions: dimensionRecord(Metric?.Dimensions),
    };
    const [from, to] = [input.StartTime?.getTime() ?? 0, input.EndTime?.getTime() ?? 0];
    const found = series.periods(call.region, metric, from, to, playable(Period), Unit);
    if (input.ScanBy !== 'TimestampAscending') found.reverse();
    const read = statisticNamed(Stat);
    return {
      Id,
      Label: Label ?? metric.name,
      Timestamps: found.map(({ start }) => new Date(start)),
      Values: found.map(({ bucket }) => read(bucket)),
      StatusCode: 'Complete' as const,
    };
  };

  return {
    PutMetricData: operation<PutMetricDataCommandInput, object>(
      (input, call) => {
        refuseMembers('PutMetricData', input, ['EntityMetricData', 'StrictEntityValidation']);
        const namespace = input.Namespace ?? '';
        if (namespace.startsWith('AWS/') && call.principal.kind !== 'internal') {
          throw invalid('The value AWS/ for parameter Namespace is invalid.');
        }
        for (const datum of input.MetricData ?? []) put(namespace, datum, call.region);
        return {};
      },
      ({ Namespace = '' }) => [
        { action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': Namespace } },
      ],
    ),

    GetMetricData: operation<GetMetricDataCommandInput, Out<GetMetricDataCommandOutput>>((input, call) => {
      const queries = (input.MetricDataQueries ?? []).filter(({ ReturnData = true }) => ReturnData);
      return { MetricDataResults: queries.map((one) => query(one, input, call)), Messages: [] };
    }),

    GetMetricStatistics: operation<GetMetricStatisticsCommandInput, Out<GetMetricStatisticsCommandOutput>>(
      (input, call) => {
        refuseMembers('GetMetricStatistics', input, ['ExtendedStatistics']);
        const { Namespace = '', MetricName = '', Dimensions, Period = 60, Unit, Statistics = [] } = input;
        const metric = { namespace: Namespace, name: MetricName, dimensions: dimensionRecord(Dimensions) };
        const [from, to] = [input.StartTime?.getTime() ?? 0, input.EndTime?.getTime() ?? 0];
        const Datapoints = series
          .periods(call.region, metric, from, to, playable(Period), Unit)
          .map(({ start, bucket }) => ({
            Timestamp: new Date(start),
            Unit: bucket.unit as StandardUnit,
            ...Object.fromEntries(Statistics.map((name) => [name, statistics[name](bucket)])),
          }));
        return { Label: MetricName, Datapoints };
      },
    ),

    ListMetrics: operation<ListMetricsCommandInput, Out<ListMetricsCommandOutput>>((input, call) => {
      refuseMembers('ListMetrics', input, ['RecentlyActive', 'IncludeLinkedAccounts', 'OwningAccount']);
      const { Namespace, MetricName, Dimensions = [] } = input;
      const found = series
        .metrics(call.region)
        .values()
        .filter(({ namespace, name }) => (Namespace ?? namespace) === namespace && (MetricName ?? name) === name)
        .filter(({ dimensions }) => Dimensions.every((wanted) => carries(dimensions, wanted)));
      const { items, next } = page(found, input.NextToken, undefined, 500);
      const Metrics = items.map(({ namespace, name, dimensions }) => ({
        Namespace: namespace,
        MetricName: name,
        Dimensions: dimensionList(dimensions),
      }));
      return { Metrics, NextToken: next };
    }),
  };
}

const carries = (dimensions: Readonly<Record<string, string>>, { Name = '', Value }: Partial<Dimension>): boolean =>
  Name in dimensions && (Value === undefined || dimensions[Name] === Value);

export function statisticNamed(name: string): (bucket: Bucket) => number {
  if (!isStatistic(name))
    throw unsupported(`the statistic ${name} (percentiles need every sample, and buckets keep sums)`);
  return statistics[name];
}

/** Periods of 10, 20, 30 seconds and whole minutes. */
export function playable(period: number): number {
  if (period % 60 === 0 || period === 10 || period === 20 || period === 30) return period;
  throw unsupported(`a metric period of ${period} s`);
}

function bucketsOf({ Value, Values, Counts, StatisticValues, Unit = 'None' }: MetricDatum): Bucket[] {
  if (StatisticValues !== undefined) {
    const { Sum: sum = 0, Minimum: minimum = 0, Maximum: maximum = 0, SampleCount: count = 0 } = StatisticValues;
    return [{ sum, minimum, maximum, count, unit: Unit }];
  }
  const values = Values ?? (Value === undefined ? [] : [Value]);
  if (values.length === 0) throw invalid('At least one of Value, Values or StatisticValues must be given.');
  return values.map((value, index) => {
    const count = Counts?.[index] ?? 1;
    return { sum: value * count, minimum: value, maximum: value, count, unit: Unit };
  });
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);
