/** Health checks, as the control plane takes them. */

import type {
  CloudWatchAlarmConfiguration,
  CreateHealthCheckCommandInput,
  CreateHealthCheckCommandOutput,
  DeleteHealthCheckCommandInput,
  GetHealthCheckCommandInput,
  GetHealthCheckCommandOutput,
  GetHealthCheckStatusCommandInput,
  GetHealthCheckStatusCommandOutput,
  HealthCheckConfig,
  ListHealthChecksCommandInput,
  ListHealthChecksCommandOutput,
  UpdateHealthCheckCommandInput,
  UpdateHealthCheckCommandOutput,
} from '@aws-sdk/client-route-53';
import type { AnyOperation, Ask, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import type { HealthChecks } from './health-checks.ts';
import { type CheckRow, checkNamed, controlPlane, plainId, route53Tables } from './rows.ts';

type Out<T> = Omit<T, '$metadata'>;

const endpointTypes = ['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP'];
const playable = new Set([...endpointTypes, 'CALCULATED', 'CLOUDWATCH_METRIC']);

export function healthCheckOperations(core: SandboxCore, checks: HealthChecks): Record<string, AnyOperation> {
  const { checks: table, tags } = route53Tables(core);
  const on =
    (action: string) =>
    ({ HealthCheckId }: { HealthCheckId: string | undefined }): Ask[] => [
      { action: `route53:${action}`, resource: `arn:aws:route53:::healthcheck/${plainId(HealthCheckId)}` },
    ];

  return {
    CreateHealthCheck: operation<CreateHealthCheckCommandInput, Out<CreateHealthCheckCommandOutput>>(async (input) => {
      const config: HealthCheckConfig = { Type: undefined, ...input.HealthCheckConfig };
      checkConfig(config);
      const { CallerReference: callerReference = '' } = input;
      const twin = (): CheckRow | undefined =>
        table.values().find((check) => check.callerReference === callerReference);
      const alarm = await alarmOf(core, config);
      const known = twin();
      if (known !== undefined && JSON.stringify(known.config) !== JSON.stringify(withDefaults(config))) {
        throw new AwsError(
          'HealthCheckAlreadyExists',
          `A health check with caller reference ${callerReference} and other settings exists.`,
          { status: 409 },
        );
      }
      const id = known?.id ?? core.ids.uuid();
      const fresh = { watchedIsHealthy: true, observation: 'No observation yet.', observed: core.clock.now() };
      const check =
        known ?? table.put(id, { id, callerReference, config: withDefaults(config), version: 1, alarm, ...fresh });
      if (known === undefined) checks.start(check);
      return { HealthCheck: shape(check), Location: `https://route53.amazonaws.com/2013-04-01/healthcheck/${id}` };
    }),

    GetHealthCheck: operation<GetHealthCheckCommandInput, Out<GetHealthCheckCommandOutput>>(
      (input) => ({ HealthCheck: shape(checkNamed(core, input.HealthCheckId)) }),
      on('GetHealthCheck'),
    ),

    UpdateHealthCheck: operation<UpdateHealthCheckCommandInput, Out<UpdateHealthCheckCommandOutput>>(async (input) => {
      refuseMembers('UpdateHealthCheck', input, ['Regions']);
      const { HealthCheckId, HealthCheckVersion, ResetElements = [], ...changes } = input;
      const before = checkNamed(core, HealthCheckId);
      if (HealthCheckVersion !== undefined && HealthCheckVersion !== before.version) {
        throw new AwsError('HealthCheckVersionMismatch', `The health check has version ${before.version}.`, {
          status: 409,
        });
      }
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const kept = Object.fromEntries(
        Object.entries(before.config).filter(([name]) => !ResetElements.some((element) => element === name)),
      );
      const config: HealthCheckConfig = { Type: before.config.Type, ...kept, ...given };
      checkConfig(config);
      const alarm = await alarmOf(core, config);
      const after = table.put(before.id, {
        ...checkNamed(core, before.id),
        config,
        alarm,
        version: before.version + 1,
      });
      checks.start(after);
      return { HealthCheck: shape(after) };
    }, on('UpdateHealthCheck')),

    DeleteHealthCheck: operation<DeleteHealthCheckCommandInput, object>((input) => {
      const { id } = checkNamed(core, input.HealthCheckId);
      if (table.values().some(({ config }) => config.ChildHealthChecks?.includes(id) === true)) {
        throw new AwsError('HealthCheckInUse', `Health check ${id} is the child of a calculated one.`);
      }
      checks.stop(id);
      table.delete(id);
      tags.delete(`healthcheck/${id}`);
      return {};
    }, on('DeleteHealthCheck')),

    ListHealthChecks: operation<ListHealthChecksCommandInput, Out<ListHealthChecksCommandOutput>>((input) => {
      const limit = input.MaxItems ?? 100;
      const { items, next } = page(table.values(), input.Marker, limit);
      const more = next === undefined ? { IsTruncated: false } : { IsTruncated: true, NextMarker: next };
      return { HealthChecks: items.map(shape), Marker: input.Marker, MaxItems: limit, ...more };
    }),

    GetHealthCheckStatus: operation<GetHealthCheckStatusCommandInput, Out<GetHealthCheckStatusCommandOutput>>(
      (input) => {
        const check = checkNamed(core, input.HealthCheckId);
        const healthy = checks.isHealthy(check.id);
        const seen = check.config.Type === 'CALCULATED' ? 'Calculated from its children.' : check.observation;
        const Status = /^(Success|Failure): /.test(seen) ? seen : `${healthy ? 'Success' : 'Failure'}: ${seen}`;
        const observed = check.config.Type === 'CALCULATED' ? core.clock.now() : check.observed;
        // The checkers around the world are modelled as one, which stands in us-east-1.
        return {
          HealthCheckObservations: [
            { Region: controlPlane, StatusReport: { Status, CheckedTime: new Date(observed) } },
          ],
        };
      },
      on('GetHealthCheckStatus'),
    ),
  };
}

const withDefaults = (config: HealthCheckConfig): HealthCheckConfig => ({
  ...(endpointTypes.includes(config.Type ?? '') ? { RequestInterval: 30, FailureThreshold: 3 } : {}),
  ...(config.Type === 'CLOUDWATCH_METRIC' ? { InsufficientDataHealthStatus: 'LastKnownStatus' as const } : {}),
  ...(config.Type?.startsWith('HTTPS') === true ? { EnableSNI: true } : {}),
  Inverted: false,
  Disabled: false,
  ...config,
});

function checkConfig(config: HealthCheckConfig): void {
  refuseMembers('a health check', config, ['Regions', 'MeasureLatency', 'RoutingControlArn']);
  const { Type = '', RequestInterval = 30, FailureThreshold = 3, ChildHealthChecks = [] } = config;
  if (!playable.has(Type)) throw unsupported(`health checks of type ${Type}`);
  if (endpointTypes.includes(Type) && config.IPAddress === undefined && config.FullyQualifiedDomainName === undefined) {
    throw invalid('Either IPAddress or FullyQualifiedDomainName must be specified.');
  }
  if (RequestInterval !== 10 && RequestInterval !== 30) throw invalid('RequestInterval must be 10 or 30.');
  if (FailureThreshold < 1 || FailureThreshold > 10) throw invalid('FailureThreshold must be between 1 and 10.');
  if (Type.endsWith('STR_MATCH') && config.SearchString === undefined) throw invalid(`${Type} needs a SearchString.`);
  if (Type === 'CALCULATED' && ChildHealthChecks.length === 0) throw invalid('CALCULATED needs ChildHealthChecks.');
  if (Type === 'CLOUDWATCH_METRIC' && config.AlarmIdentifier === undefined)
    throw invalid(`${Type} needs an AlarmIdentifier.`);
}

/** The alarm's settings as they are now: later changes to the alarm reach the check when it is updated, as on AWS. */
async function alarmOf(
  core: SandboxCore,
  { AlarmIdentifier: alarm }: HealthCheckConfig,
): Promise<CloudWatchAlarmConfiguration | undefined> {
  if (alarm === undefined) return undefined;
  const region = alarm.Region ?? '';
  if (!core.regions.includes(region)) throw invalid(`Region ${region} of the alarm isn't in this sandbox.`);
  type Settings = CloudWatchAlarmConfiguration & { DatapointsToAlarm?: number };
  const { MetricAlarms = [] } = await core.invoke<{ MetricAlarms?: Settings[] }>({
    service: 'monitoring',
    operation: 'DescribeAlarms',
    region,
    from: core.regions.includes(controlPlane) ? controlPlane : region,
    input: { AlarmNames: [alarm.Name] },
    principal: core.as('route53'),
  });
  const [found] = MetricAlarms;
  if (found === undefined) throw invalid(`The alarm ${alarm.Name} does not exist in ${region}.`);
  if ((found.DatapointsToAlarm ?? found.EvaluationPeriods) !== found.EvaluationPeriods) {
    throw invalid('Route 53 does not support alarms that evaluate M out of N datapoints.');
  }
  const { EvaluationPeriods, Threshold, ComparisonOperator, Period, MetricName, Namespace, Statistic, Dimensions } =
    found;
  return { EvaluationPeriods, Threshold, ComparisonOperator, Period, MetricName, Namespace, Statistic, Dimensions };
}

const shape = ({ id, callerReference, config, version, alarm }: CheckRow) => ({
  Id: id,
  CallerReference: callerReference,
  HealthCheckConfig: config,
  HealthCheckVersion: version,
  ...(alarm === undefined ? {} : { CloudWatchAlarmConfiguration: alarm }),
});

const invalid = (message: string): AwsError => new AwsError('InvalidInput', message);
