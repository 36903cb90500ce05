/** A Region's dashboard: what customers meet, what holds the data, what keeps the pilot light lit. */

import { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import { planNames } from '../plan/graph.ts';
import { regionOf } from '../workload/judged.ts';
import { replicationRule } from '../workload/names.ts';
import type { Home } from './part.ts';
import type { Place } from './place.ts';

/** Namespace, metric, then dimension names and values, as a dashboard's JSON has them. */
type Metric = readonly (string | object)[];

interface Widget {
  readonly title: string;
  readonly metrics: readonly Metric[];
  readonly stat?: string;
}

const columns = 3;
const width = 24 / columns;
const height = 6;

export function dashboard(home: Home): void {
  const { place } = home;
  const region = regionOf(place.workload, place.side);
  new cloudwatch.CfnDashboard(home, 'Dashboard', {
    dashboardName: `${place.names.prefix}-${place.side}`,
    dashboardBody: JSON.stringify({
      widgets: widgetsOf(place).map(({ title, metrics, stat = 'Sum' }, index) => ({
        type: 'metric',
        x: (index % columns) * width,
        y: Math.floor(index / columns) * height,
        width,
        height,
        properties: { title, region, metrics, stat, period: 60, view: 'timeSeries' },
      })),
    }),
  });
}

function widgetsOf(place: Place): Widget[] {
  const { names, workload, side, arns } = place;
  const database = (metric: string): Metric => ['AWS/RDS', metric, 'DBInstanceIdentifier', names.database];
  const control = (name: string, metric: string): Metric => [
    'AWS/Lambda',
    metric,
    'FunctionName',
    names.controlFunction(name),
  ];
  return [
    {
      title: 'Requests and errors',
      metrics: [
        balancer(names.loadBalancer, 'RequestCount'),
        balancer(names.loadBalancer, 'HTTPCode_Target_5XX_Count'),
      ],
    },
    {
      title: 'Instances in service',
      stat: 'Average',
      metrics: Object.keys(workload.compute).map((group) => [
        'AWS/AutoScaling',
        'GroupInServiceInstances',
        'AutoScalingGroupName',
        names.group(group),
      ]),
    },
    { title: 'Replica lag (s; -1: broken)', stat: 'Maximum', metrics: [database('ReplicaLag')] },
    { title: 'Database connections', stat: 'Average', metrics: [database('DatabaseConnections')] },
    { title: 'Free database storage', stat: 'Minimum', metrics: [database('FreeStorageSpace')] },
    { title: 'Upkeep errors', metrics: [control('images', 'Errors'), control('parameters', 'Errors')] },
    ...(workload.buckets.length === 0
      ? []
      : [
          {
            title: 'Objects waiting to be replicated here',
            stat: 'Maximum',
            metrics: workload.buckets.map((bucket) => replicationPending(place, bucket)),
          },
        ]),
    ...(side === 'primary'
      ? []
      : [
          { title: 'The watcher', metrics: [control('watch', 'Invocations'), control('watch', 'Errors')] },
          {
            title:
              workload.traffic.latch === 'none'
                ? 'Active here (1: customers are to be led to this Region)'
                : 'Active here (1: the public name answers with this Region)',
            stat: 'Maximum',
            metrics: [[names.latchMetric.namespace, names.latchMetric.name, 'Workload', names.latchMetric.dimension]],
          },
          {
            title: 'Runs',
            metrics: planNames.flatMap((plan) =>
              ['ExecutionsStarted', 'ExecutionsSucceeded', 'ExecutionsFailed'].map((metric) => [
                'AWS/States',
                metric,
                'StateMachineArn',
                arns.machine(plan),
              ]),
            ),
          },
        ]),
  ];
}

/** A load balancer's dimension ends with an id of AWS's: it is searched for, by the words of its name, since a phrase in quotes would have to be all of it. */
const balancer = (name: string, metric: string): Metric => {
  const words = name.split('-').map((word) => `LoadBalancer=${word}`);
  return [
    {
      expression: `SEARCH('{AWS/ApplicationELB,LoadBalancer} MetricName="${metric}" ${words.join(' ')}', 'Sum', 60)`,
      label: metric,
    },
  ];
};

/** S3 publishes what is pending in the destination's Region. */
function replicationPending({ names, side }: Place, bucket: string): Metric {
  const from = side === 'recovery' ? 'primary' : 'recovery';
  return [
    'AWS/S3',
    'OperationsPendingReplication',
    'SourceBucket',
    names.bucket(bucket, from),
    'DestinationBucket',
    names.bucket(bucket, side),
    'RuleId',
    replicationRule(side),
  ];
}
