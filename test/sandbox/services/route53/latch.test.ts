/** The latch: a health check on an alarm's metric stream, and how long DNS takes to follow it. */

import { beforeEach, expect, test } from 'vitest';
import { createMonitoringService } from '../../../../src/sandbox/services/monitoring/operations.ts';
import { createRoute53Service } from '../../../../src/sandbox/services/route53/operations.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';

const recovery = 'us-west-2';
let sandbox: TestSandbox;
let active: number;

beforeEach(async () => {
  active = 0;
  sandbox = testSandbox([createMonitoringService, createRoute53Service]);
  await sandbox.call(
    'monitoring',
    'PutMetricAlarm',
    {
      AlarmName: 'recovery-active',
      Namespace: 'PilotLight',
      MetricName: 'RecoveryActive',
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    },
    recovery,
  );
});

/** Says every minute which Region is active, as upkeep does. */
const publish = async (): Promise<void> => {
  const MetricData = [{ MetricName: 'RecoveryActive', Value: active }];
  await sandbox.call('monitoring', 'PutMetricData', { Namespace: 'PilotLight', MetricData }, recovery);
};
const keepPublishing = (): void => {
  void publish();
  sandbox.core.region(recovery).clock.after(60_000, keepPublishing);
};
const check = async (more: object = {}): Promise<string> => {
  const AlarmIdentifier = { Region: recovery, Name: 'recovery-active' };
  const HealthCheckConfig = { Type: 'CLOUDWATCH_METRIC', AlarmIdentifier, ...more };
  const input = { CallerReference: JSON.stringify(more), HealthCheckConfig };
  return (await sandbox.call<{ HealthCheck: { Id: string } }>('route53', 'CreateHealthCheck', input)).HealthCheck.Id;
};
const isHealthy = async (HealthCheckId: string): Promise<boolean> => {
  type Answer = { HealthCheckObservations: { StatusReport: { Status: string } }[] };
  const { HealthCheckObservations } = await sandbox.call<Answer>('route53', 'GetHealthCheckStatus', { HealthCheckId });
  return HealthCheckObservations[0]?.StatusReport.Status.startsWith('Success') === true;
};
/** Seconds until the check says `wanted`. */
const until = async (id: string, wanted: boolean): Promise<number> => {
  for (let waited = 0; waited < 600; waited++) {
    if ((await isHealthy(id)) === wanted) return waited;
    await sandbox.clock.advance(1000);
  }
  throw new Error(`The check never became ${wanted ? 'healthy' : 'unhealthy'}.`);
};

test.each([3, 17, 31, 45, 58])('a flip %i s into a period reaches DNS after 60 to 150 s', async (into) => {
  const id = await check();
  keepPublishing();
  await sandbox.clock.advance(600_000 + into * 1000);
  expect(await isHealthy(id)).toBe(true);
  active = 1;
  await publish();
  const took = await until(id, false);
  expect(took).toBeGreaterThanOrEqual(60);
  expect(took).toBeLessThanOrEqual(150);
  // The rest of the period and 60 s: 90 s for a flip in the middle of one.
  expect(Math.abs(took - (60 - into + 60))).toBeLessThanOrEqual(2);
});

test('it goes back when the metric does', async () => {
  const id = await check();
  active = 1;
  keepPublishing();
  await until(id, false);
  active = 0;
  expect(await until(id, true)).toBeLessThanOrEqual(180);
});

test('setting the alarm by hand moves nothing', async () => {
  const id = await check();
  keepPublishing();
  await sandbox.clock.advance(300_000);
  const state = { AlarmName: 'recovery-active', StateValue: 'ALARM', StateReason: 'by hand' };
  await sandbox.call('monitoring', 'SetAlarmState', state, recovery);
  for (let minute = 0; minute < 5; minute++) {
    await sandbox.clock.advance(60_000);
    expect(await isHealthy(id)).toBe(true);
  }
});

test.each([
  ['LastKnownStatus', false],
  ['Healthy', true],
  ['Unhealthy', false],
])('a dark Region leaves missing data, which %s makes healthy: %s', async (InsufficientDataHealthStatus, healthy) => {
  const id = await check({ InsufficientDataHealthStatus });
  active = 1;
  keepPublishing();
  await until(id, false);
  sandbox.setDark(recovery, true);
  await sandbox.clock.advance(1_800_000);
  expect(await isHealthy(id)).toBe(healthy);
});

test('a new check counts as healthy until there is data', async () => {
  const id = await check();
  await sandbox.clock.advance(600_000);
  expect(await isHealthy(id)).toBe(true);
});

test('an alarm that does not exist, and one that counts M out of N, are refused', async () => {
  const Type = 'CLOUDWATCH_METRIC';
  const input = (Name: string) => ({
    CallerReference: Name,
    HealthCheckConfig: { Type, AlarmIdentifier: { Region: recovery, Name } },
  });
  await expect(sandbox.call('route53', 'CreateHealthCheck', input('none'))).rejects.toThrow('does not exist');
  await sandbox.call(
    'monitoring',
    'PutMetricAlarm',
    {
      AlarmName: 'm-of-n',
      Namespace: 'a',
      MetricName: 'b',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    },
    recovery,
  );
  await expect(sandbox.call('route53', 'CreateHealthCheck', input('m-of-n'))).rejects.toThrow('M out of N');
});
