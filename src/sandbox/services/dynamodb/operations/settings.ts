/** What hangs on a table: expiry, point-in-time recovery, tags. */

import type {
  DescribeContinuousBackupsCommandInput,
  DescribeTimeToLiveCommandInput,
  ListTagsOfResourceCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
  UpdateContinuousBackupsCommandInput,
  UpdateTimeToLiveCommandInput,
} from '@aws-sdk/client-dynamodb';
import { AwsError, operation } from '../../../contract.ts';
import { onResource, onTable } from '../asks.ts';
import { accept } from '../members.ts';
import type { TableRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { validation } from '../validation.ts';

const day = 86_400_000;

export const settings = (store: Store) => ({
  /** Recorded: AWS deletes expired items "typically within a few days", readers have to filter them anyway. */
  UpdateTimeToLive: operation((input: UpdateTimeToLiveCommandInput, call) => {
    accept('UpdateTimeToLive', input, ['TableName', 'TimeToLiveSpecification']);
    const table = store.open(call.region, input.TableName);
    const { Enabled: enabled, AttributeName: attribute } = input.TimeToLiveSpecification ?? {};
    if (attribute === undefined) throw validation('TimeToLiveSpecification.AttributeName must not be null');
    if (enabled === true && table.consistency === 'STRONG') {
      throw validation('TimeToLive is not supported on global tables with multi-Region strong consistency');
    }
    if (enabled === true && table.timeToLive !== undefined) throw validation('TimeToLive is already enabled');
    if (enabled !== true && table.timeToLive?.attribute !== attribute) {
      throw validation(
        table.timeToLive === undefined
          ? 'TimeToLive is already disabled'
          : `TimeToLive is active on a different AttributeName: current AttributeName is ${table.timeToLive.attribute}`,
      );
    }
    // Expiry is one of the settings that all copies of a global table share.
    for (const region of [call.region, ...table.replicas.map((replica) => replica.region)]) {
      store.tables(region).update(table.name, ({ timeToLive: _before, ...record }) => ({
        ...record,
        ...(enabled === true ? { timeToLive: { attribute } } : {}),
      }));
    }
    return { TimeToLiveSpecification: { Enabled: enabled === true, AttributeName: attribute } };
  }, onTable('UpdateTimeToLive')),

  DescribeTimeToLive: operation((input: DescribeTimeToLiveCommandInput, call) => {
    accept('DescribeTimeToLive', input, ['TableName']);
    const { timeToLive } = store.table(call.region, input.TableName);
    const TimeToLiveDescription =
      timeToLive === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive.attribute };
    return { TimeToLiveDescription };
  }, onTable('DescribeTimeToLive')),

  UpdateContinuousBackups: operation((input: UpdateContinuousBackupsCommandInput, call) => {
    accept('UpdateContinuousBackups', input, ['TableName', 'PointInTimeRecoverySpecification']);
    const table = backed(store, call.region, input.TableName);
    const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: days = 35 } =
      input.PointInTimeRecoverySpecification ?? {};
    if (!Number.isInteger(days) || days < 1 || days > 35) {
      throw validation('RecoveryPeriodInDays must be between 1 and 35');
    }
    const since = table.recovery?.since ?? store.now(call.region);
    const changed = store.tables(call.region).update(table.name, ({ recovery: _before, ...record }) => ({
      ...record,
      ...(enabled === true ? { recovery: { since, days } } : {}),
    }));
    return { ContinuousBackupsDescription: backups(store, changed ?? table) };
  }, onTable('UpdateContinuousBackups')),

  DescribeContinuousBackups: operation((input: DescribeContinuousBackupsCommandInput, call) => {
    accept('DescribeContinuousBackups', input, ['TableName']);
    return { ContinuousBackupsDescription: backups(store, backed(store, call.region, input.TableName)) };
  }, onTable('DescribeContinuousBackups')),

  TagResource: operation((input: TagResourceCommandInput, call) => {
    accept('TagResource', input, ['ResourceArn', 'Tags']);
    const table = store.table(call.region, input.ResourceArn);
    const added = Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
    store.tables(call.region).update(table.name, (record) => ({ ...record, tags: { ...record.tags, ...added } }));
    return {};
  }, onResource('TagResource')),

  UntagResource: operation((input: UntagResourceCommandInput, call) => {
    accept('UntagResource', input, ['ResourceArn', 'TagKeys']);
    const table = store.table(call.region, input.ResourceArn);
    const kept = Object.entries(table.tags).filter(([key]) => input.TagKeys?.includes(key) !== true);
    store.tables(call.region).update(table.name, (record) => ({ ...record, tags: Object.fromEntries(kept) }));
    return {};
  }, onResource('UntagResource')),

  ListTagsOfResource: operation((input: ListTagsOfResourceCommandInput, call) => {
    accept('ListTagsOfResource', input, ['ResourceArn', 'NextToken']);
    const { tags } = store.table(call.region, input.ResourceArn);
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  }, onResource('ListTagsOfResource')),
});

function backed(store: Store, region: string, given: string | undefined): TableRecord {
  const table = store.table(region, given);
  if (store.statusOf(table) !== 'CREATING') return table;
  throw new AwsError(
    'ContinuousBackupsUnavailableException',
    `Backups are being enabled for the table: ${table.name}. Please retry later`,
  );
}

function backups(store: Store, table: TableRecord) {
  const { recovery } = table;
  const now = store.now(table.region);
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription:
      recovery === undefined
        ? { PointInTimeRecoveryStatus: 'DISABLED' }
        : {
            PointInTimeRecoveryStatus: 'ENABLED',
            RecoveryPeriodInDays: recovery.days,
            EarliestRestorableDateTime: new Date(Math.max(recovery.since, now - recovery.days * day)),
            LatestRestorableDateTime: new Date(Math.max(recovery.since, now - 5 * 60_000)),
          },
  };
}
