/** EventBridge: buses, rules, targets and PutEvents. */

import type {
  CreateEventBusCommandInput,
  CreateEventBusCommandOutput,
  DeleteEventBusCommandInput,
  DeleteRuleCommandInput,
  DescribeEventBusCommandInput,
  DescribeEventBusCommandOutput,
  DescribeRuleCommandInput,
  DescribeRuleCommandOutput,
  DisableRuleCommandInput,
  EnableRuleCommandInput,
  ListEventBusesCommandInput,
  ListEventBusesCommandOutput,
  ListRuleNamesByTargetCommandInput,
  ListRuleNamesByTargetCommandOutput,
  ListRulesCommandInput,
  ListRulesCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  ListTargetsByRuleCommandInput,
  ListTargetsByRuleCommandOutput,
  PutPermissionCommandInput,
  PutRuleCommandInput,
  PutRuleCommandOutput,
  PutTargetsCommandInput,
  PutTargetsCommandOutput,
  RemovePermissionCommandInput,
  RemoveTargetsCommandInput,
  RemoveTargetsCommandOutput,
  Tag,
  TagResourceCommandInput,
  TestEventPatternCommandInput,
  TestEventPatternCommandOutput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-eventbridge';
import { limits } from '../../../facts/limits.ts';
import type { Ask, Call, SandboxCore, Service } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { passRole } from '../../iam/pass-role.ts';
import { parseArn } from './arn.ts';
import { type Bus, defaultBus, EventsModel, type Rule } from './model.ts';
import { page } from './paging.ts';
import { matches, parsePattern } from './pattern.ts';
import { changePermission, removePermission } from './permissions.ts';
import { putEvents } from './put-events.ts';
import { refuseMembers } from './refuse.ts';
import { tagList, tagRecord, withoutTags } from './tags.ts';
import { checkTarget } from './target-check.ts';

type Out<T> = Omit<T, '$metadata'>;

export function createEventsService(core: SandboxCore): Service {
  const model = new EventsModel(core);

  const onRule =
    (action: string) =>
    (
      { Name, Rule, EventBusName }: { Name?: unknown; Rule?: unknown; EventBusName?: string | undefined },
      call: Call,
    ): Ask[] => [
      { action: `events:${action}`, resource: model.ruleArn(call.region, busName(EventBusName), String(Name ?? Rule)) },
    ];
  const onBus =
    (action: string) =>
    ({ Name, EventBusName }: { Name?: string | undefined; EventBusName?: string | undefined }, call: Call): Ask[] => [
      { action: `events:${action}`, resource: model.busArn(call.region, busName(Name ?? EventBusName)) },
    ];
  const onArn =
    (action: string) =>
    ({ ResourceARN }: { ResourceARN: string | undefined }): Ask[] => [
      { action: `events:${action}`, resource: ResourceARN ?? '*' },
    ];

  const setEnabled = (enabled: boolean) => (input: EnableRuleCommandInput | DisableRuleCommandInput, call: Call) => {
    const rule = model.rule(call.region, busName(input.EventBusName), input.Name ?? '');
    model.putRule(call.region, { ...rule, enabled });
    return {};
  };

  const setTags = (region: string, arn: string, change: (tags: Bus['tags']) => Record<string, string>): void => {
    const bus = model
      .buses(region)
      .values()
      .find((known) => known.arn === arn);
    const rule = model
      .rules(region)
      .values()
      .find((known) => known.arn === arn);
    if (bus !== undefined) model.buses(region).put(bus.name, { ...bus, tags: change(bus.tags) });
    else if (rule !== undefined)
      model.rules(region).put(`${rule.bus}/${rule.name}`, { ...rule, tags: change(rule.tags) });
    else throw new AwsError('ResourceNotFoundException', `${arn} does not exist.`);
  };

  return {
    name: 'events',
    resume: () => model.resume(),
    resourcePolicy: (arn) => {
      const { region, resource } = parseArn(arn);
      return model.buses(region).get(resource.replace('event-bus/', ''))?.policy;
    },
    operations: {
      CreateEventBus: operation<CreateEventBusCommandInput, Out<CreateEventBusCommandOutput>>((input, call) => {
        refuseMembers('CreateEventBus', input, ['EventSourceName', 'DeadLetterConfig', 'LogConfig']);
        const name = input.Name ?? '';
        if (model.buses(call.region).has(name)) {
          throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
        }
        const arn = model.busArn(call.region, name);
        const { Description: description } = input;
        model
          .buses(call.region)
          .put(name, { name, arn, description, tags: tagRecord(input.Tags), created: core.clock.now() });
        return { EventBusArn: arn, Description: description };
      }, onBus('CreateEventBus')),

      DeleteEventBus: operation<DeleteEventBusCommandInput, object>(({ Name = '' }, call) => {
        if (Name === defaultBus) throw new AwsError('ValidationException', 'Cannot delete event bus default.');
        if (
          model
            .rules(call.region)
            .values()
            .some(({ bus }) => bus === Name)
        ) {
          throw new AwsError('ValidationException', `Event bus ${Name} can't be deleted since it has rules.`);
        }
        model.buses(call.region).delete(Name);
        return {};
      }, onBus('DeleteEventBus')),

      DescribeEventBus: operation<DescribeEventBusCommandInput, Out<DescribeEventBusCommandOutput>>((input, call) => {
        return busShape(model.bus(call.region, busName(input.Name)));
      }, onBus('DescribeEventBus')),

      ListEventBuses: operation<ListEventBusesCommandInput, Out<ListEventBusesCommandOutput>>((input, call) => {
        const buses = model
          .buses(call.region)
          .values()
          .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
        const { items, next } = page(buses, input.NextToken, input.Limit);
        return { EventBuses: items.map(busShape), NextToken: next };
      }),

      PutPermission: operation<PutPermissionCommandInput, object>((input, call) => {
        const bus = model.bus(call.region, busName(input.EventBusName));
        model.buses(call.region).put(bus.name, { ...bus, policy: changePermission(bus, input) });
        return {};
      }),

      RemovePermission: operation<RemovePermissionCommandInput, object>((input, call) => {
        const bus = model.bus(call.region, busName(input.EventBusName));
        model.buses(call.region).put(bus.name, { ...bus, policy: removePermission(bus, input) });
        return {};
      }),

      PutRule: operation<PutRuleCommandInput, Out<PutRuleCommandOutput>>(
        (input, call) => {
          const bus = model.bus(call.region, busName(input.EventBusName)).name;
          const name = input.Name ?? '';
          const known = model.rules(call.region).get(`${bus}/${name}`);
          if (known === undefined) refuseRuleTooMany(model, call.region, bus);
          const arn = model.ruleArn(call.region, bus, name);
          const tags = known?.tags ?? tagRecord(input.Tags);
          model.putRule(call.region, { ...ruleOf(input, bus), name, arn, tags, targets: known?.targets ?? [] });
          return { RuleArn: arn };
        },
        (input, call) => [...onRule('PutRule')(input, call), ...passing(input.RoleArn)],
      ),

      DeleteRule: operation<DeleteRuleCommandInput, object>((input, call) => {
        const bus = busName(input.EventBusName);
        const rule = model.rules(call.region).get(`${bus}/${input.Name}`);
        if (rule !== undefined && rule.targets.length > 0) {
          throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
        }
        model.rules(call.region).delete(`${bus}/${input.Name}`);
        return {};
      }, onRule('DeleteRule')),

      DescribeRule: operation<DescribeRuleCommandInput, Out<DescribeRuleCommandOutput>>((input, call) => {
        const rule = model.rule(call.region, busName(input.EventBusName), input.Name ?? '');
        return { ...ruleShape(rule), CreatedBy: core.account };
      }, onRule('DescribeRule')),

      EnableRule: operation<EnableRuleCommandInput, object>(setEnabled(true), onRule('EnableRule')),
      DisableRule: operation<DisableRuleCommandInput, object>(setEnabled(false), onRule('DisableRule')),

      ListRules: operation<ListRulesCommandInput, Out<ListRulesCommandOutput>>((input, call) => {
        const bus = model.bus(call.region, busName(input.EventBusName)).name;
        const rules = model
          .rules(call.region)
          .values()
          .filter((rule) => rule.bus === bus);
        const named = rules.filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
        const { items, next } = page(named, input.NextToken, input.Limit);
        return { Rules: items.map(ruleShape), NextToken: next };
      }),

      ListRuleNamesByTarget: operation<ListRuleNamesByTargetCommandInput, Out<ListRuleNamesByTargetCommandOutput>>(
        (input, call) => {
          const bus = busName(input.EventBusName);
          const rules = model
            .rules(call.region)
            .values()
            .filter((rule) => rule.bus === bus);
          const aimed = rules.filter(({ targets }) => targets.some(({ Arn }) => Arn === input.TargetArn));
          const { items, next } = page(aimed, input.NextToken, input.Limit);
          return { RuleNames: items.map(({ name }) => name), NextToken: next };
        },
      ),

      PutTargets: operation<PutTargetsCommandInput, Out<PutTargetsCommandOutput>>(
        (input, call) => {
          const rule = model.rule(call.region, busName(input.EventBusName), input.Rule ?? '');
          const added = input.Targets ?? [];
          for (const target of added) checkTarget(target);
          const kept = rule.targets.filter(({ Id }) => !added.some((target) => target.Id === Id));
          if (kept.length + added.length > limits.eventbridge_classic.targets_per_rule) throw tooMany();
          model.rules(call.region).put(`${rule.bus}/${rule.name}`, { ...rule, targets: [...kept, ...added] });
          return { FailedEntryCount: 0, FailedEntries: [] };
        },
        (input, call) => [
          ...onRule('PutTargets')(input, call),
          ...(input.Targets ?? []).flatMap(({ RoleArn }) => passing(RoleArn)),
        ],
      ),

      RemoveTargets: operation<RemoveTargetsCommandInput, Out<RemoveTargetsCommandOutput>>((input, call) => {
        const rule = model.rule(call.region, busName(input.EventBusName), input.Rule ?? '');
        const targets = rule.targets.filter(({ Id }) => !(input.Ids ?? []).includes(Id ?? ''));
        model.rules(call.region).put(`${rule.bus}/${rule.name}`, { ...rule, targets });
        return { FailedEntryCount: 0, FailedEntries: [] };
      }, onRule('RemoveTargets')),

      ListTargetsByRule: operation<ListTargetsByRuleCommandInput, Out<ListTargetsByRuleCommandOutput>>(
        (input, call) => {
          const rule = model.rule(call.region, busName(input.EventBusName), input.Rule ?? '');
          const { items, next } = page(rule.targets, input.NextToken, input.Limit);
          return { Targets: items, NextToken: next };
        },
        onRule('ListTargetsByRule'),
      ),

      PutEvents: putEvents(core, model),

      TestEventPattern: operation<TestEventPatternCommandInput, Out<TestEventPatternCommandOutput>>((input) => ({
        Result: matches(parsePattern(input.EventPattern ?? ''), eventFrom(input.Event)),
      })),

      TagResource: operation<TagResourceCommandInput, object>((input, call) => {
        setTags(call.region, input.ResourceARN ?? '', (tags) => ({ ...tags, ...tagRecord(input.Tags) }));
        return {};
      }, onArn('TagResource')),

      UntagResource: operation<UntagResourceCommandInput, object>((input, call) => {
        setTags(call.region, input.ResourceARN ?? '', (tags) => withoutTags(tags, input.TagKeys ?? []));
        return {};
      }, onArn('UntagResource')),

      ListTagsForResource: operation<ListTagsForResourceCommandInput, Out<ListTagsForResourceCommandOutput>>(
        (input, call) => {
          let Tags: Tag[] = [];
          setTags(call.region, input.ResourceARN ?? '', (tags) => {
            Tags = tagList(tags);
            return { ...tags };
          });
          return { Tags };
        },
        onArn('ListTagsForResource'),
      ),
    },
  };
}

/** A bus is given by its name, its ARN or not at all. */
const busName = (given: string | undefined): string => given?.split('event-bus/').at(-1) ?? defaultBus;

const passing = (role: string | undefined): Ask[] =>
  role === undefined ? [] : [passRole(role, 'events.amazonaws.com')];

function ruleOf(
  input: PutRuleCommandInput,
  bus: string,
): Pick<Rule, 'bus' | 'pattern' | 'schedule' | 'enabled' | 'description' | 'roleArn'> {
  const { EventPattern: pattern, ScheduleExpression: schedule, State = 'ENABLED', Description, RoleArn } = input;
  if (pattern === undefined && schedule === undefined) {
    throw new AwsError('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (schedule !== undefined && bus !== defaultBus) {
    throw new AwsError('ValidationException', 'ScheduleExpression is supported only on the default event bus.');
  }
  if (State !== 'ENABLED' && State !== 'DISABLED')
    refuseMembers('PutRule', { [`State ${State}`]: true }, [`State ${State}`]);
  if (pattern !== undefined) parsePattern(pattern);
  return { bus, pattern, schedule, enabled: State === 'ENABLED', description: Description, roleArn: RoleArn };
}

const busShape = ({ name, arn, policy, description, created }: Bus) => ({
  Name: name,
  Arn: arn,
  Policy: policy,
  Description: description,
  CreationTime: new Date(created),
});

const ruleShape = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.pattern,
  ScheduleExpression: rule.schedule,
  State: rule.enabled ? ('ENABLED' as const) : ('DISABLED' as const),
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: rule.bus,
});

const tooMany = (): AwsError =>
  new AwsError(
    'LimitExceededException',
    'The request failed because it attempted to create resource beyond the allowed service quota.',
  );

function refuseRuleTooMany(model: EventsModel, region: string, bus: string): void {
  const rules = model.rules(region);
  if (rules.size < limits.eventbridge_classic.rules_per_bus) return;
  if (rules.values().filter((rule) => rule.bus === bus).length >= limits.eventbridge_classic.rules_per_bus) {
    throw tooMany();
  }
}

function eventFrom(text: string | undefined): Record<string, unknown> {
  try {
    const event: unknown = JSON.parse(text ?? '');
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) return event as Record<string, unknown>;
  } catch {
    // Refused below, as any other text that is no event.
  }
  throw new AwsError('ValidationException', 'Parameter Event is not valid.');
}
