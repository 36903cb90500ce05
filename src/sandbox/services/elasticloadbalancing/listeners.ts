/** Listeners, HTTP and HTTPS, and their rules. */

import type {
  CreateListenerCommandInput,
  CreateListenerCommandOutput,
  CreateRuleCommandInput,
  CreateRuleCommandOutput,
  DeleteListenerCommandInput,
  DeleteRuleCommandInput,
  DescribeListenersCommandInput,
  DescribeListenersCommandOutput,
  DescribeRulesCommandInput,
  DescribeRulesCommandOutput,
  Listener,
  ModifyListenerCommandInput,
  ModifyListenerCommandOutput,
  ModifyRuleCommandInput,
  ModifyRuleCommandOutput,
  Rule,
  SetRulePrioritiesCommandInput,
  SetRulePrioritiesCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { page } from '../ec2/pages.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { checkedActions, conditionSpec } from './actions.ts';
import type { Balancing } from './balancing.ts';
import { balancerOf, listenerOf, ruleOf, validationError } from './lookup.ts';
import type { ListenerRow, RuleRow } from './rows.ts';
import { balancingTables, elbArn } from './rows.ts';
import { askNew, askOn, putTags } from './tags.ts';
import type { TlsInput } from './tls.ts';
import { checkedTls } from './tls.ts';

export function listenerOperations(core: SandboxCore, balancing: Balancing): Record<string, AnyOperation> {
  return {
    CreateListener: strictOperation<CreateListenerCommandInput, Answer<CreateListenerCommandOutput>>({
      name: 'CreateListener',
      members: ['LoadBalancerArn', 'Protocol', 'Port', 'SslPolicy', 'Certificates', 'DefaultActions', 'Tags'],
      authorize: (input, call) => [
        askOn(core, call, 'CreateListener', input.LoadBalancerArn, secureContext(input)),
        ...askNew(core, call, 'CreateListener', 'listener/app/*', input.Tags).slice(1),
      ],
      handle(input, call) {
        const balancer = balancerOf(core, call.region, input.LoadBalancerArn);
        if (input.Protocol === undefined) throw validationError('A listener protocol must be specified');
        const port = checkedPort(core, call.region, balancer.arn, input.Port);
        const tls = checkedTls(core, call.region, input);
        const actions = checkedActions(core, call.region, balancer.arn, input.DefaultActions, { port, tls });
        const arn = elbArn(core, call.region, `listener/${balancer.path}/${core.ids.hex(16)}`);
        const row = balancingTables(core, call.region).listeners.put(arn, {
          arn,
          balancerArn: balancer.arn,
          port,
          actions,
          ...(tls === undefined ? {} : { tls }),
        });
        putTags(core, call.region, arn, input.Tags);
        balancing.changed(call.region);
        return { Listeners: [describeListener(row)] };
      },
    }),
    ModifyListener: strictOperation<ModifyListenerCommandInput, Answer<ModifyListenerCommandOutput>>({
      name: 'ModifyListener',
      members: ['ListenerArn', 'Protocol', 'Port', 'SslPolicy', 'Certificates', 'DefaultActions'],
      authorize: (input, call) => [askOn(core, call, 'ModifyListener', input.ListenerArn, secureContext(input))],
      handle(input, call) {
        const row = listenerOf(core, call.region, input.ListenerArn);
        const { tls: before, ...rest } = row;
        const { Port: port = row.port } = input;
        if (port !== row.port) checkedPort(core, call.region, row.balancerArn, port);
        const tls = checkedTls(core, call.region, input, before);
        const actions =
          input.DefaultActions === undefined
            ? row.actions
            : checkedActions(core, call.region, row.balancerArn, input.DefaultActions, { port, tls });
        const secure = tls === undefined ? {} : { tls };
        const next = balancingTables(core, call.region).listeners.put(row.arn, { ...rest, ...secure, port, actions });
        balancing.changed(call.region);
        return { Listeners: [describeListener(next)] };
      },
    }),
    DescribeListeners: strictOperation<DescribeListenersCommandInput, Answer<DescribeListenersCommandOutput>>({
      name: 'DescribeListeners',
      members: ['LoadBalancerArn', 'ListenerArns', 'Marker', 'PageSize'],
      handle(input, call) {
        const rows =
          input.ListenerArns?.map((arn) => listenerOf(core, call.region, arn)) ??
          balancingTables(core, call.region)
            .listeners.values()
            .filter((row) => row.balancerArn === balancerOf(core, call.region, input.LoadBalancerArn).arn);
        const cut = page(rows, input.PageSize, input.Marker, 400);
        return { Listeners: cut.rows.map(describeListener), NextMarker: cut.nextToken };
      },
    }),
    DeleteListener: strictOperation<DeleteListenerCommandInput, object>({
      name: 'DeleteListener',
      members: ['ListenerArn'],
      authorize: (input, call) => [askOn(core, call, 'DeleteListener', input.ListenerArn)],
      handle(input, call) {
        const { arn } = listenerOf(core, call.region, input.ListenerArn);
        const { listeners, rules, tags } = balancingTables(core, call.region);
        for (const rule of rules.values().filter((one) => one.listenerArn === arn)) rules.delete(rule.arn);
        listeners.delete(arn);
        tags.delete(arn);
        balancing.changed(call.region);
        return {};
      },
    }),
    CreateRule: strictOperation<CreateRuleCommandInput, Answer<CreateRuleCommandOutput>>({
      name: 'CreateRule',
      members: ['ListenerArn', 'Conditions', 'Priority', 'Actions', 'Tags'],
      authorize: (input, call) => [
        askOn(core, call, 'CreateRule', input.ListenerArn),
        ...askNew(core, call, 'CreateRule', 'listener-rule/app/*', input.Tags).slice(1),
      ],
      handle(input, call) {
        const listener = listenerOf(core, call.region, input.ListenerArn);
        const { rules } = balancingTables(core, call.region);
        const priority = checkedPriority(input.Priority ?? 0);
        if (rules.values().some((rule) => rule.listenerArn === listener.arn && rule.priority === priority)) {
          throw priorityInUse(priority);
        }
        const conditions = checkedConditions(input.Conditions);
        const actions = checkedActions(core, call.region, listener.balancerArn, input.Actions, listener);
        const path = listener.arn.slice(elbArn(core, call.region, 'listener/').length);
        const arn = elbArn(core, call.region, `listener-rule/${path}/${core.ids.hex(16)}`);
        const row = rules.put(arn, { arn, listenerArn: listener.arn, priority, conditions, actions });
        putTags(core, call.region, arn, input.Tags);
        balancing.changed(call.region);
        return { Rules: [describeRule(row)] };
      },
    }),
    ModifyRule: strictOperation<ModifyRuleCommandInput, Answer<ModifyRuleCommandOutput>>({
      name: 'ModifyRule',
      members: ['RuleArn', 'Conditions', 'Actions'],
      authorize: (input, call) => [askOn(core, call, 'ModifyRule', input.RuleArn)],
      handle(input, call) {
        const row = ruleOf(core, call.region, input.RuleArn);
        const listener = listenerOf(core, call.region, row.listenerArn);
        const next = balancingTables(core, call.region).rules.put(row.arn, {
          ...row,
          conditions: input.Conditions === undefined ? row.conditions : checkedConditions(input.Conditions),
          actions:
            input.Actions === undefined
              ? row.actions
              : checkedActions(core, call.region, listener.balancerArn, input.Actions, listener),
        });
        balancing.changed(call.region);
        return { Rules: [describeRule(next)] };
      },
    }),
    DescribeRules: strictOperation<DescribeRulesCommandInput, Answer<DescribeRulesCommandOutput>>({
      name: 'DescribeRules',
      members: ['ListenerArn', 'RuleArns', 'Marker', 'PageSize'],
      handle(input, call) {
        if (input.RuleArns !== undefined && input.RuleArns.length > 0) {
          return { Rules: input.RuleArns.map((arn) => describeRule(ruleOf(core, call.region, arn))) };
        }
        const listener = listenerOf(core, call.region, input.ListenerArn);
        const rows = balancingTables(core, call.region)
          .rules.values()
          .filter((row) => row.listenerArn === listener.arn)
          .sort((one, other) => one.priority - other.priority);
        const cut = page([...rows.map(describeRule), defaultRule(listener)], input.PageSize, input.Marker, 400);
        return { Rules: cut.rows, NextMarker: cut.nextToken };
      },
    }),
    SetRulePriorities: strictOperation<SetRulePrioritiesCommandInput, Answer<SetRulePrioritiesCommandOutput>>({
      name: 'SetRulePriorities',
      members: ['RulePriorities'],
      authorize: (input, call) =>
        (input.RulePriorities ?? []).map((one) => askOn(core, call, 'SetRulePriorities', one.RuleArn)),
      handle(input, call) {
        const { rules } = balancingTables(core, call.region);
        const moved = (input.RulePriorities ?? []).map(({ RuleArn: arn, Priority: priority = 0 }) => ({
          ...ruleOf(core, call.region, arn),
          priority: checkedPriority(priority),
        }));
        // Rules may swap places: only those that stay can be in the way.
        const staying = rules.values().filter((rule) => !moved.some((one) => one.arn === rule.arn));
        for (const rule of moved) {
          if (staying.some((one) => one.listenerArn === rule.listenerArn && one.priority === rule.priority)) {
            throw priorityInUse(rule.priority);
          }
        }
        for (const rule of moved) rules.put(rule.arn, rule);
        balancing.changed(call.region);
        return { Rules: moved.map(describeRule) };
      },
    }),
    DeleteRule: strictOperation<DeleteRuleCommandInput, object>({
      name: 'DeleteRule',
      members: ['RuleArn'],
      authorize: (input, call) => [askOn(core, call, 'DeleteRule', input.RuleArn)],
      handle(input, call) {
        const { arn } = ruleOf(core, call.region, input.RuleArn);
        balancingTables(core, call.region).rules.delete(arn);
        balancingTables(core, call.region).tags.delete(arn);
        balancing.changed(call.region);
        return {};
      },
    }),
  };
}

function checkedPort(core: SandboxCore, region: string, balancerArn: string, port: number | undefined): number {
  if (port === undefined || port < 1 || port > 65_535)
    throw validationError(`A listener port must be specified, from 1 to 65535. Given: ${port}`);
  const taken = balancingTables(core, region)
    .listeners.values()
    .some((row) => row.balancerArn === balancerArn && row.port === port);
  if (taken) throw new AwsError('DuplicateListener', 'A listener already exists on this port for this load balancer');
  return port;
}

function checkedPriority(priority: number): number {
  if (priority >= 1 && priority <= 50_000) return priority;
  throw validationError(`Rule priority '${priority}' must be from 1 to 50000`);
}

const priorityInUse = (priority: number): AwsError =>
  new AwsError('PriorityInUse', `Priority '${priority}' is currently in use`);

function checkedConditions(conditions: RuleRow['conditions'] | undefined): RuleRow['conditions'] {
  if (conditions === undefined || conditions.length === 0) throw validationError('A condition must be specified');
  for (const condition of conditions) conditionSpec(condition);
  return conditions;
}

const describeListener = (row: ListenerRow): Listener => ({
  ListenerArn: row.arn,
  LoadBalancerArn: row.balancerArn,
  Protocol: row.tls === undefined ? 'HTTP' : 'HTTPS',
  Port: row.port,
  ...(row.tls === undefined
    ? {}
    : { Certificates: [{ CertificateArn: row.tls.certificateArn }], SslPolicy: row.tls.policy }),
  DefaultActions: [...row.actions],
});

const describeRule = (row: RuleRow): Rule => ({
  RuleArn: row.arn,
  Priority: String(row.priority),
  Conditions: [...row.conditions],
  Actions: [...row.actions],
  IsDefault: false,
});

const defaultRule = (row: ListenerRow): Rule => ({
  RuleArn: `${row.arn.replace(':listener/', ':listener-rule/')}/default`,
  Priority: 'default',
  Conditions: [],
  Actions: [...row.actions],
  IsDefault: true,
});

/** What a policy may ask of a listener to be. */
const secureContext = ({ Protocol, SslPolicy }: TlsInput): Record<string, string> => ({
  ...(Protocol === undefined ? {} : { 'elasticloadbalancing:ListenerProtocol': Protocol }),
  ...(SslPolicy === undefined ? {} : { 'elasticloadbalancing:SecurityPolicy': SslPolicy }),
});
