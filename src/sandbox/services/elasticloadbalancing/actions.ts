/** Actions and conditions of listeners and rules: checked when given, and put into the balancer's words. */

import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ActionSpec, ConditionSpec } from '../../balancer/configuration.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { refuseOthers } from '../ec2/supported-members.ts';
import { balancersOf, groupsIn, targetGroupOf, validationError } from './lookup.ts';
import type { ListenerRow, TlsRow } from './rows.ts';

/** The actions as they are kept. Refuses what isn't there and what isn't supported, before anything changes. */
export function checkedActions(
  core: SandboxCore,
  region: string,
  balancerArn: string,
  actions: readonly Action[] | undefined,
  listener: Pick<ListenerRow, 'port'> & { readonly tls?: TlsRow | undefined },
): readonly Action[] {
  const [action, ...others] = actions ?? [];
  if (action === undefined) throw validationError('A default action must be specified');
  if (others.length > 0)
    throw unsupported(`more than one action in a rule (${others.map((one) => one.Type).join(', ')})`);
  refuseOthers('listener action', action, [
    'Type',
    'TargetGroupArn',
    'ForwardConfig',
    'FixedResponseConfig',
    'RedirectConfig',
    'Order',
  ]);
  for (const arn of groupsIn(action)) {
    targetGroupOf(core, region, arn);
    if (balancersOf(core, region, arn).some((row) => row.arn !== balancerArn)) {
      throw new AwsError(
        'TargetGroupAssociationLimit',
        `The following target groups cannot be associated with more than one load balancer: ${arn}`,
      );
    }
  }
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig;
  if (stickiness?.Enabled === true) throw unsupported('sticky target groups');
  const spec = actionSpec(action);
  if (spec.type === 'redirect') checkRedirect(spec, listener);
  return [action];
}

type RedirectSpec = Extract<ActionSpec, { readonly type: 'redirect' }>;

/** Source: the service model of RedirectActionConfig. */
function checkRedirect(
  { protocol, host, port, path, query }: RedirectSpec,
  { port: own, tls }: { port: number; tls?: unknown },
): void {
  const from = tls === undefined ? 'HTTP' : 'HTTPS';
  const given = { Protocol: protocol, Host: host, Port: port, Path: path, Query: query };
  for (const [name, allowed] of Object.entries(redirectPatterns)) {
    const value = given[name as keyof typeof given];
    if (!allowed.test(value)) throw invalidAction(`The ${name} '${value}' of the redirect is not valid`);
  }
  if (/^\d+$/.test(port) && (Number(port) < 1 || Number(port) > 65_535)) {
    throw invalidAction(`The Port '${port}' of the redirect is not valid`);
  }
  if (from === 'HTTPS' && protocol === 'HTTP') throw invalidAction('HTTPS cannot be redirected to HTTP');
  const sameProtocol = protocol === '#{protocol}' || protocol === from;
  const samePort = port === '#{port}' || port === String(own);
  if (sameProtocol && samePort && host === '#{host}' && path === '/#{path}') {
    throw invalidAction('The redirect configuration is not valid because it creates a loop.');
  }
}

/** Each component takes some of the placeholders. */
const redirectPatterns: Readonly<Record<string, RegExp>> = {
  Protocol: /^(HTTPS?|#\{protocol\})$/,
  Host: /^([^#{}]|#\{host\})+$/,
  Port: /^(\d{1,5}|#\{port\})$/,
  Path: /^\/([^#{}]|#\{(host|path|port)\})*$/,
  Query: /^(?!\?)([^#{}]|#\{(protocol|host|port|path|query)\})*$/,
};

const invalidAction = (message: string): AwsError => new AwsError('InvalidLoadBalancerAction', message);

export function actionSpec(action: Action): ActionSpec {
  switch (action.Type) {
    case 'forward': {
      const weights = new Map(
        (action.ForwardConfig?.TargetGroups ?? []).map((one) => [one.TargetGroupArn, one.Weight ?? 1]),
      );
      const groups = groupsIn(action);
      if (groups.length === 0) throw validationError('A target group ARN must be specified');
      return { type: 'forward', targetGroups: groups.map((arn) => ({ arn, weight: weights.get(arn) ?? 1 })) };
    }
    case 'fixed-response': {
      const config = action.FixedResponseConfig;
      if (config?.StatusCode === undefined || !/^[245]\d\d$/.test(config.StatusCode)) {
        throw validationError(`The status code '${config?.StatusCode}' is not valid; it must be 2XX, 4XX or 5XX`);
      }
      return {
        type: 'fixed-response',
        status: Number(config.StatusCode),
        contentType: config.ContentType ?? 'text/plain',
        body: config.MessageBody ?? '',
      };
    }
    case 'redirect': {
      const config = action.RedirectConfig;
      if (config === undefined) {
        throw invalidAction("For actions of type 'redirect', you must specify the following fields: 'RedirectConfig'");
      }
      return {
        type: 'redirect',
        status: config.StatusCode === 'HTTP_302' ? 302 : 301,
        protocol: config.Protocol ?? '#{protocol}',
        host: config.Host ?? '#{host}',
        port: config.Port ?? '#{port}',
        path: config.Path ?? '/#{path}',
        query: config.Query ?? '#{query}',
      };
    }
    default:
      throw unsupported(`the action type ${action.Type}; it supports: forward, fixed-response, redirect`);
  }
}

export function conditionSpec(condition: RuleCondition): ConditionSpec {
  const values =
    condition.Values ??
    condition.PathPatternConfig?.Values ??
    condition.HostHeaderConfig?.Values ??
    condition.HttpRequestMethodConfig?.Values ??
    condition.HttpHeaderConfig?.Values ??
    [];
  if (values.length === 0) throw validationError(`A condition value must be specified for ${condition.Field}`);
  switch (condition.Field) {
    case 'path-pattern':
    case 'host-header':
    case 'http-request-method':
      return { field: condition.Field, values };
    case 'http-header':
      return { field: 'http-header', name: condition.HttpHeaderConfig?.HttpHeaderName ?? '', values };
    default:
      throw unsupported(
        `the condition field ${condition.Field}; it supports: path-pattern, host-header, http-request-method, http-header`,
      );
  }
}

const unsupported = (what: string): AwsError =>
  new AwsError('UnsupportedOperation', `The sandbox's load balancers don't support ${what}.`);
