/** Attributes of load balancers and target groups: which there are, what they say by default, and which values mean something here. */

import { AwsError } from '../../contract.ts';

type Checks = Readonly<Record<string, { readonly initial: string; readonly allowed: RegExp }>>;

const flag = (initial: string) => ({ initial, allowed: /^(true|false)$/ });
/** Recorded where the value changes nothing the sandbox does; a value that would is refused. */
const only = (initial: string) => ({ initial, allowed: new RegExp(`^${initial.replace(/[.*]/g, '\\$&')}$`) });

export const balancerAttributes: Checks = {
  'deletion_protection.enabled': flag('false'),
  'idle_timeout.timeout_seconds': { initial: '60', allowed: /^([1-9]\d{0,2}|[1-3]\d{3}|4000)$/ },
  'client_keep_alive.seconds': { initial: '3600', allowed: /^\d+$/ },
  'access_logs.s3.enabled': only('false'),
  'access_logs.s3.bucket': { initial: '', allowed: /.*/ },
  'access_logs.s3.prefix': { initial: '', allowed: /.*/ },
  'connection_logs.s3.enabled': only('false'),
  'connection_logs.s3.bucket': { initial: '', allowed: /.*/ },
  'connection_logs.s3.prefix': { initial: '', allowed: /.*/ },
  'ipv6.deny_all_igw_traffic': flag('false'),
  'load_balancing.cross_zone.enabled': only('true'),
  'routing.http.desync_mitigation_mode': { initial: 'defensive', allowed: /^(monitor|defensive|strictest)$/ },
  'routing.http.drop_invalid_header_fields.enabled': flag('false'),
  'routing.http.preserve_host_header.enabled': flag('false'),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': only('false'),
  'routing.http.xff_client_port.enabled': only('false'),
  'routing.http.xff_header_processing.mode': only('append'),
  'routing.http2.enabled': flag('true'),
  'waf.fail_open.enabled': flag('false'),
  'zonal_shift.config.enabled': flag('false'),
};

export const targetGroupAttributes: Checks = {
  'deregistration_delay.timeout_seconds': { initial: '300', allowed: /^(\d{1,3}|[1-2]\d{3}|3[0-5]\d{2}|3600)$/ },
  'stickiness.enabled': only('false'),
  'stickiness.type': { initial: 'lb_cookie', allowed: /^(lb_cookie|app_cookie)$/ },
  'stickiness.lb_cookie.duration_seconds': { initial: '86400', allowed: /^\d+$/ },
  'load_balancing.algorithm.type': only('round_robin'),
  'load_balancing.algorithm.anomaly_mitigation': only('off'),
  'load_balancing.cross_zone.enabled': {
    initial: 'use_load_balancer_configuration',
    allowed: /^(true|use_load_balancer_configuration)$/,
  },
  'slow_start.duration_seconds': only('0'),
  'target_group_health.dns_failover.minimum_healthy_targets.count': { initial: '1', allowed: /^\d+$/ },
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': only('off'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': only('1'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': only('off'),
};

export const initialAttributes = (checks: Checks): Record<string, string> =>
  Object.fromEntries(Object.entries(checks).map(([key, { initial }]) => [key, initial]));

/** The attributes with changes made. An unknown name is AWS's error; a value the sandbox can't honour is refused by name. */
export function changedAttributes(
  checks: Checks,
  old: Readonly<Record<string, string>>,
  changes: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Record<string, string> {
  const next: Record<string, string> = { ...old };
  for (const { Key: key = '', Value: value = '' } of changes ?? []) {
    const check = checks[key];
    if (check === undefined) throw new AwsError('ValidationError', `The attribute '${key}' isn't recognized`);
    if (!check.allowed.test(value)) {
      throw new AwsError(
        'UnsupportedOperation',
        `The sandbox doesn't support ${key}=${value}. It supports: ${check.allowed.source}.`,
      );
    }
    next[key] = value;
  }
  return next;
}

export const attributeList = (attributes: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
