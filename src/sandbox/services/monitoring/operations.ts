/** CloudWatch: metrics, alarms, dashboards and tags. Its signing name is `monitoring`, its IAM prefix `cloudwatch`. */

import type {
  DeleteDashboardsCommandInput,
  GetDashboardCommandInput,
  GetDashboardCommandOutput,
  ListDashboardsCommandInput,
  ListDashboardsCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  PutDashboardCommandInput,
  PutDashboardCommandOutput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type { Ask, SandboxCore, Service } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { tagList, tagRecord, withoutTags } from '../events/tags.ts';
import { alarmOperations } from './alarm-operations.ts';
import { Alarms } from './alarms.ts';
import { metricOperations } from './metric-data.ts';
import { Series } from './series.ts';

type Out<T> = Omit<T, '$metadata'>;

interface Dashboard {
  readonly name: string;
  readonly body: string;
  readonly modified: number;
}

export function createMonitoringService(core: SandboxCore): Service {
  const series = new Series(core);
  const alarms = new Alarms(core, series);
  const dashboards = (region: string) => core.table<Dashboard>('monitoring', region, 'dashboards');
  const dashboardArn = (name: string | undefined): string => `arn:aws:cloudwatch::${core.account}:dashboard/${name}`;
  const onDashboard =
    (action: string) =>
    ({ DashboardName }: { DashboardName: string | undefined }): Ask[] => [
      { action: `cloudwatch:${action}`, resource: dashboardArn(DashboardName) },
    ];
  const onArn =
    (action: string) =>
    ({ ResourceARN = '*' }: { ResourceARN: string | undefined }): Ask[] => [
      { action: `cloudwatch:${action}`, resource: ResourceARN },
    ];
  const alarmNamed = (arn: string | undefined): string => (arn ?? '').split(':alarm:')[1] ?? '';

  return {
    name: 'monitoring',
    iamPrefix: 'cloudwatch',
    resume: () => alarms.resume(),
    operations: {
      ...metricOperations(core, series),
      ...alarmOperations(core, alarms),

      PutDashboard: operation<PutDashboardCommandInput, Out<PutDashboardCommandOutput>>((input, call) => {
        const { DashboardName: name = '', DashboardBody: body = '' } = input;
        checkBody(body);
        dashboards(call.region).put(name, { name, body, modified: core.clock.now() });
        return { DashboardValidationMessages: [] };
      }, onDashboard('PutDashboard')),

      GetDashboard: operation<GetDashboardCommandInput, Out<GetDashboardCommandOutput>>(
        ({ DashboardName = '' }, call) => {
          const dashboard = dashboards(call.region).get(DashboardName);
          if (dashboard === undefined)
            throw new AwsError('DashboardNotFoundError', `Dashboard ${DashboardName} does not exist`, { status: 404 });
          return { DashboardArn: dashboardArn(DashboardName), DashboardName, DashboardBody: dashboard.body };
        },
        onDashboard('GetDashboard'),
      ),

      ListDashboards: operation<ListDashboardsCommandInput, Out<ListDashboardsCommandOutput>>((input, call) => {
        const found = dashboards(call.region)
          .values()
          .filter(({ name }) => name.startsWith(input.DashboardNamePrefix ?? ''));
        const { items, next } = page(found, input.NextToken, undefined, 1000);
        const DashboardEntries = items.map(({ name, body, modified }) => ({
          DashboardName: name,
          DashboardArn: dashboardArn(name),
          LastModified: new Date(modified),
          Size: Buffer.byteLength(body),
        }));
        return { DashboardEntries, NextToken: next };
      }),

      DeleteDashboards: operation<DeleteDashboardsCommandInput, object>(
        ({ DashboardNames = [] }, call) => {
          for (const name of DashboardNames) {
            if (!dashboards(call.region).delete(name)) {
              throw new AwsError('DashboardNotFoundError', `Dashboard ${name} does not exist`, { status: 404 });
            }
          }
          return {};
        },
        ({ DashboardNames = [] }) =>
          DashboardNames.map((name) => ({ action: 'cloudwatch:DeleteDashboards', resource: dashboardArn(name) })),
      ),

      TagResource: operation<TagResourceCommandInput, object>(({ ResourceARN, Tags }, call) => {
        const { name, tags } = alarms.alarm(call.region, alarmNamed(ResourceARN));
        alarms.table(call.region).update(name, (alarm) => ({ ...alarm, tags: { ...tags, ...tagRecord(Tags) } }));
        return {};
      }, onArn('TagResource')),

      UntagResource: operation<UntagResourceCommandInput, object>(({ ResourceARN, TagKeys = [] }, call) => {
        const { name, tags } = alarms.alarm(call.region, alarmNamed(ResourceARN));
        alarms.table(call.region).update(name, (alarm) => ({ ...alarm, tags: withoutTags(tags, TagKeys) }));
        return {};
      }, onArn('UntagResource')),

      ListTagsForResource: operation<ListTagsForResourceCommandInput, Out<ListTagsForResourceCommandOutput>>(
        ({ ResourceARN }, call) => ({ Tags: tagList(alarms.alarm(call.region, alarmNamed(ResourceARN)).tags) }),
        onArn('ListTagsForResource'),
      ),
    },
  };
}

function checkBody(body: string): void {
  try {
    JSON.parse(body);
  } catch {
    throw new AwsError('DashboardInvalidInputError', 'The field DashboardBody must be valid JSON.');
  }
}
