/** S3: what lies in a bucket, what is written to it, and the copy in the other Region's. */

import type { Charge, Pricers, Setting } from '../charge.ts';
import { listOf, rate, recordOf, textOf, transferRates } from '../charge.ts';
import { daysPerMonth } from '../schedule.ts';
import type { Resource } from '../template.ts';

export const storagePricers: Pricers = {
  'AWS::S3::Bucket': (bucket, setting) => {
    const { mode, usage } = setting;
    const written = writtenGb(setting) * mode.share;
    return [
      {
        component: 'object storage',
        what: 'objects and old versions',
        rates: rate('s3.standard'),
        quantity: usage.storedGb + usage.oldVersionsGb,
        unit: 'GB-months',
      },
      {
        component: 'object storage',
        what: 'PUT requests',
        rates: rate('s3.put-1k'),
        quantity: puts(written, setting),
        unit: 'thousand',
      },
      {
        component: 'object storage',
        what: 'GET requests',
        rates: rate('s3.get-1k'),
        quantity: (usage.objectReads * mode.share) / 1000,
        unit: 'thousand',
      },
      ...declaredDestinations(bucket).flatMap(({ name, timed }) => replicationCharges(name, timed, written, setting)),
    ];
  },
  /** Made once by the install function, where a template can't say it; only a replication rule costs anything. */
  'Custom::PilotLightInstall': ({ properties }, setting) => {
    if (properties.Kind !== 'replication') return [];
    // The rule stands on the other Region's bucket: it copies what is written there.
    const writer = setting.modes.recovery;
    const reversed: Setting = { ...setting, side: 'recovery', mode: writer };
    const destination = nameOf(properties.Destination);
    return replicationCharges(destination, false, writtenGb(setting) * writer.share, reversed);
  },
};

interface Destination {
  readonly name: string | undefined;
  /** Replication Time Control. */
  readonly timed: boolean;
}

function declaredDestinations({ properties }: Resource): Destination[] {
  return listOf(recordOf(properties.ReplicationConfiguration).Rules)
    .map(recordOf)
    .filter(({ Status }) => Status !== 'Disabled')
    .map(({ Destination: given }) => ({
      name: nameOf(recordOf(given).Bucket),
      timed: recordOf(recordOf(given).ReplicationTime).Status === 'Enabled',
    }));
}

function replicationCharges(name: string | undefined, timed: boolean, gb: number, setting: Setting): Charge[] {
  const { workload, side, all } = setting;
  const other = side === 'recovery' ? workload.primary.region : workload.recovery.region;
  const from = side === 'recovery' ? workload.recovery.region : workload.primary.region;
  const to =
    all.find(({ type, properties }) => type === 'AWS::S3::Bucket' && properties.BucketName === name)?.region ?? other;
  const common = { column: 'standby' } as const;
  const charges: Charge[] = [
    {
      ...common,
      component: 'object storage',
      what: `copies written in ${to}`,
      rates: rate('s3.put-1k'),
      quantity: puts(gb, setting),
      unit: 'thousand',
      region: to,
    },
  ];
  if (from !== to) {
    charges.push({
      ...common,
      component: 'data transfer',
      what: `objects, ${from} to ${to}`,
      rates: transferRates(to),
      quantity: gb,
      unit: 'GB',
      region: from,
    });
  }
  if (timed) {
    charges.push({
      ...common,
      component: 'object storage',
      what: 'replication in time',
      rates: rate('s3.replication-time-gb'),
      quantity: gb,
      unit: 'GB',
      region: from,
    });
  }
  return charges;
}

const writtenGb = ({ usage }: Setting): number => usage.writtenGbPerDay * daysPerMonth;
const puts = (gb: number, { usage }: Setting): number =>
  usage.objectMb === 0 ? 0 : (gb * 1024) / usage.objectMb / 1000;

const nameOf = (arn: unknown): string | undefined => textOf(arn)?.replace(/^arn:[^:]+:s3:::/, '');
