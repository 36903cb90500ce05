/**
 * What a Region's load balancer process is told and what it tells back, over HTTP on a loopback port of its own:
 * `PUT /configuration` takes a `BalancerConfiguration` whole and answers `BoundPorts`; `GET /health` answers `HealthReport`.
 * Durations are in seconds of AWS time, as the API has them.
 */

export interface BalancerConfiguration {
  readonly balancers: readonly BalancerSpec[];
  readonly targetGroups: readonly TargetGroupSpec[];
}

export interface BalancerSpec {
  readonly arn: string;
  /** The 127/8 address its connections to targets come from. */
  readonly address: string;
  readonly idleTimeoutSeconds: number;
  readonly listeners: readonly ListenerSpec[];
}

export interface ListenerSpec {
  readonly arn: string;
  /** The port clients see. */
  readonly port: number;
  /** Of an HTTPS listener. */
  readonly tls?: TlsSpec;
  /** In order of evaluation; the default action is the last, without conditions. */
  readonly rules: readonly RuleSpec[];
}

export interface TlsSpec {
  /** The first is the default; of the others, a client gets the one for the name it asks for. PEM, with what stands above it. */
  readonly certificates: readonly {
    readonly domains: readonly string[];
    readonly certificate: string;
    readonly key: string;
  }[];
  readonly least: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly most: 'TLSv1.2' | 'TLSv1.3' | 'TLSv1' | 'TLSv1.1';
}

export interface RuleSpec {
  readonly conditions: readonly ConditionSpec[];
  readonly action: ActionSpec;
}

export type ConditionSpec =
  | { readonly field: 'path-pattern'; readonly values: readonly string[] }
  | { readonly field: 'host-header'; readonly values: readonly string[] }
  | { readonly field: 'http-request-method'; readonly values: readonly string[] }
  | { readonly field: 'http-header'; readonly name: string; readonly values: readonly string[] };

export type ActionSpec =
  | { readonly type: 'forward'; readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[] }
  | { readonly type: 'fixed-response'; readonly status: number; readonly contentType: string; readonly body: string }
  | {
      readonly type: 'redirect';
      readonly status: number;
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
    };

export interface TargetGroupSpec {
  readonly arn: string;
  /** The balancer it serves: health checks come from its address. */
  readonly balancer: string;
  readonly healthCheck: HealthCheckSpec;
  readonly targets: readonly TargetSpec[];
}

export interface HealthCheckSpec {
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** `200`, `200-299` or `200,202`. */
  readonly matcher: string;
}

export interface TargetSpec {
  /** As registered: the instance's id, or an address. */
  readonly id: string;
  readonly port: number;
  readonly checkPort: number;
  /** Where it really is. */
  readonly host: string;
  /** Whether security groups let the balancer through: a target they don't admit hangs. */
  readonly admitted: boolean;
  /** Takes no new requests; those in flight go on. */
  readonly draining: boolean;
}

export interface BoundPorts {
  /** By listener ARN, on 127.0.0.1. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface HealthReport {
  readonly targets: readonly TargetHealthReport[];
}

export interface TargetHealthReport {
  readonly targetGroup: string;
  readonly id: string;
  readonly port: number;
  readonly state: 'initial' | 'healthy' | 'unhealthy';
  /** AWS's reason code, when not healthy. */
  readonly reason?: string;
  readonly description?: string;
}
