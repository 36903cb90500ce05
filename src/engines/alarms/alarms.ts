/** CloudWatch alarms by ARN, metric and composite ones, each asked in the Region it stands in. */

import type { Clients } from '../../aws/clients.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' | 'missing';

export interface AlarmName {
  readonly region: string;
  readonly name: string;
}

/** `arn:aws:cloudwatch:us-east-1:111122223333:alarm:checkout-errors`; a name may hold colons. */
export function alarmIn(arn: string): AlarmName {
  const [, , , region = '', , , ...name] = arn.split(':');
  return { region, name: name.join(':') };
}

/** The states of a Region's alarms, by name. */
export async function alarmStates(
  clients: Clients,
  names: readonly string[],
): Promise<ReadonlyMap<string, AlarmState>> {
  const { DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = await clients.cloudWatch();
  const { CompositeAlarms = [], MetricAlarms = [] } = await client.send(
    new DescribeAlarmsCommand({
      AlarmNames: [...names],
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: 100,
    }),
  );
  const found = new Map(
    [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName, StateValue }) => [AlarmName, StateValue]),
  );
  return new Map(names.map((name) => [name, found.get(name) ?? 'missing']));
}
