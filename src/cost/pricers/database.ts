/** RDS: instance hours, storage, backups, and the stream of changes from a source in another Region. */

import type { Charge, Pricers, Rate, Setting } from '../charge.ts';
import { isOn, numberOf, rate, textOf, transferRates } from '../charge.ts';
import { daysPerMonth, hoursPerMonth } from '../schedule.ts';
import type { Resource } from '../template.ts';
import { referredTo } from '../template.ts';

export const databasePricers: Pricers = {
  'AWS::RDS::DBInstance': (resource, setting) => {
    const { mode, usage } = setting;
    const { properties } = resource;
    const source = sourceOf(resource, setting);
    // What a replica doesn't say it has from its source.
    const inherited = (name: string) => properties[name] ?? source?.properties[name];
    const multi = mode.multiAz ?? isOn(properties.MultiAZ);
    const sized = largerClass(textOf(properties.DBInstanceClass) ?? '', mode.databaseSteps ?? 0);
    const storage = numberOf(inherited('AllocatedStorage'));
    const storageType = textOf(inherited('StorageType')) ?? 'gp2';
    const iops = numberOf(inherited('Iops'));
    const suffix = multi ? '-multi' : '';
    const charges: Charge[] = [
      {
        component: 'database',
        what: `${sized}, ${multi ? 'Multi-AZ' : 'Single-AZ'}`,
        rates: instanceRates(textOf(inherited('Engine')) ?? '', sized, multi),
        quantity: hoursPerMonth,
        unit: 'hours',
      },
      {
        component: 'database',
        what: `${storageType} storage, ${multi ? 'Multi-AZ' : 'Single-AZ'}`,
        rates: rate(`rds-storage.${storageType}${suffix}`),
        quantity: storage,
        unit: 'GB-months',
      },
      {
        component: 'database',
        what: 'backups beyond the free part',
        rates: rate('rds-storage.backup'),
        quantity: usage.databaseBackupGb,
        unit: 'GB-months',
      },
    ];
    const included = storage < 400 ? 3000 : 12_000;
    if (iops > 0 && (storageType !== 'gp3' || iops > included)) {
      charges.push({
        component: 'database',
        what: `${storageType} IOPS`,
        rates: rate(`rds-storage.${storageType}-iops${suffix}`),
        quantity: storageType === 'gp3' ? iops - included : iops,
        unit: 'IOPS-months',
      });
    }
    if (source !== undefined && source.region !== resource.region && mode.replicates) {
      charges.push({
        component: 'data transfer',
        what: `changes of the database, ${source.region} to ${resource.region}`,
        rates: transferRates(resource.region),
        quantity: usage.binlogGbPerDay * daysPerMonth,
        unit: 'GB',
        region: source.region,
        column: 'standby',
      });
    }
    return charges;
  },
};

/** `db.t4g.medium` made larger by so many sizes of its family. */
export function largerClass(name: string, steps: number): string {
  const [, family, size = ''] = /^(db\.\w+)\.(\w+)$/.exec(name) ?? [];
  const index = sizes.indexOf(size);
  return family === undefined || index < 0 ? name : `${family}.${sizes[index + steps] ?? size}`;
}

const sizes = [
  'micro',
  'small',
  'medium',
  'large',
  'xlarge',
  '2xlarge',
  '4xlarge',
  '8xlarge',
  '12xlarge',
  '16xlarge',
  '24xlarge',
];

function instanceRates(engine: string, sized: string, multi: boolean): readonly Rate[] {
  // The list has one price for both.
  const family = engine === 'mariadb' ? 'mysql' : engine;
  const name = `${family}.${sized.replace(/^db\./, '')}`;
  // Two instances run; AWS's list differs from twice the price of one by a rounding at most.
  return multi ? [{ key: `rds-multi.${name}` }, { key: `rds.${name}`, times: 2 }] : rate(`rds.${name}`);
}

/** The source of a replica, in whichever stack it stands. */
function sourceOf(replica: Resource, { all }: Setting): Resource | undefined {
  const given = replica.properties.SourceDBInstanceIdentifier;
  if (given === undefined) return undefined;
  const instances = all.filter(({ type }) => type === 'AWS::RDS::DBInstance');
  if (typeof given !== 'string') {
    return instances.find(({ stack, id }) => stack === replica.stack && id === referredTo(given));
  }
  const [, region = replica.region, name = given] = /^arn:[^:]+:rds:([^:]+):[^:]*:db:(.+)$/.exec(given) ?? [];
  return instances.find((one) => one.region === region && one.properties.DBInstanceIdentifier === name);
}
