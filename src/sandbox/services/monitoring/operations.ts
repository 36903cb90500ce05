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
  readonly tags: Tags;
}

type Tags = Readonly<Record<string, string>>;

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
  const dashboardNamed = (region: string, name: string): Dashboard => {
    const found = dashboards(region).get(name);
    if (found !== undefined) return found;
    throw new AwsError('DashboardNotFoundError', `Dashboard ${name} does not exist`, { status: 404 });
  };
  /** An alarm or a dashboard, as far as its tags go. */
  const tagged = (
    region: string,
    arn = '',
  ): { readonly tags: Tags; readonly put: (change: (tags: Tags) => Tags) => void } => {
    const [, dashboardName] = arn.split(':dashboard/');
    if (dashboardName !== undefined) {
      const { tags } = dashboardNamed(region, dashboardName);
      const put = (change: (tags: Tags) => Tags) =>
        dashboards(region).update(dashboardName, (one) => ({ ...one, tags: change(one.tags) }));
      return { tags, put };
    }
    const { name, tags } = alarms.alarm(region, arn.split(':alarm:')[1] ?? '');
    const put = (change: (tags: Tags) => Tags) =>
      alarms.table(region).update(name, (one) => ({ ...one, tags: change(one.tags) }));
    return { tags, put };
  };

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
        // Tags count when it is made; later ones are ignored (CloudWatch API, PutDashboard).
        const tags = dashboards(call.region).get(name)?.tags ?? tagRecord(input.Tags);
        dashboards(call.region).put(name, { name, body, tags, modified: core.clock.now() });
        return { DashboardValidationMessages: [] };
      }, onDashboard('PutDashboard')),

      GetDashboard: operation<GetDashboardCommandInput, Out<GetDashboardCommandOutput>>(
        ({ DashboardName = '' }, call) => {
          const { body } = dashboardNamed(call.region, DashboardName);
          return { DashboardArn: dashboardArn(DashboardName), DashboardName, DashboardBody: body };
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
        tagged(call.region, ResourceARN).put((tags) => ({ ...tags, ...tagRecord(Tags) }));
        return {};
      }, onArn('TagResource')),

      UntagResource: operation<UntagResourceCommandInput, object>(({ ResourceARN, TagKeys = [] }, call) => {
        tagged(call.region, ResourceARN).put((tags) => withoutTags(tags, TagKeys));
        return {};
      }, onArn('UntagResource')),

      ListTagsForResource: operation<ListTagsForResourceCommandInput, Out<ListTagsForResourceCommandOutput>>(
        ({ ResourceARN }, call) => ({ Tags: tagList(tagged(call.region, ResourceARN).tags) }),
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
