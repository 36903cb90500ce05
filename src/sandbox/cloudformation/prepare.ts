/** A template made ready: checked, its parameters and conditions known, its dependency graph drawn. */

import type { Parameter } from '@aws-sdk/client-cloudformation';
import type { DescribeAvailabilityZonesCommandOutput } from '@aws-sdk/client-ec2';
import type { GetParametersCommandOutput } from '@aws-sdk/client-ssm';
import type { Principal, SandboxCore } from '../contract.ts';
import { conditionsOf } from './conditions.ts';
import { validationError } from './errors.ts';
import type { Graph } from './graph.ts';
import { checkAcyclic } from './graph.ts';
import { passedOn } from './identity.ts';
import type { Scope } from './intrinsics.ts';
import { noValue } from './intrinsics.ts';
import type { Json } from './json.ts';
import type { ParameterValue } from './parameters.ts';
import { resolveParameters } from './parameters.ts';
import { referencesIn } from './references.ts';
import { checkRules } from './rules.ts';
import { exportsIn, stackTables } from './stack.ts';
import type { ResourceDeclaration, Template } from './template.ts';
import { parseTemplate } from './template.ts';
import { checkTemplate } from './validate.ts';

export interface StackIdentity {
  readonly id: string;
  readonly name: string;
  readonly region: string;
}

export interface Prepared {
  readonly identity: StackIdentity;
  readonly text: string;
  readonly template: Template;
  readonly parameters: readonly ParameterValue[];
  /** The resources whose condition holds. */
  readonly resources: ReadonlyMap<string, ResourceDeclaration>;
  readonly graph: Graph;
  readonly condition: (name: string) => boolean;
  /** A scope over a state of the resources. `used` collects the names of imported exports. */
  scope(resource: ResourceLookup, used?: Set<string>): Scope;
}

/** What a resource answers to `Ref` and `Fn::GetAtt`; undefined when it has none. */
export type ResourceLookup = (logicalId: string, attribute: string | undefined) => Json | undefined;

export interface PrepareInput {
  readonly text: string;
  readonly identity: StackIdentity;
  readonly given: readonly Parameter[];
  readonly previous: readonly ParameterValue[];
  /** Who reads Parameter Store and the Availability Zones: the stack's role when it has one. */
  readonly principal: Principal;
  /** Values settled earlier (a change set's), instead of `given`. */
  readonly settled?: readonly ParameterValue[];
}

export async function prepare(core: SandboxCore, input: PrepareInput): Promise<Prepared> {
  const { text, identity, principal } = input;
  const { region } = identity;
  const template = parseTemplate(text);
  checkTemplate(template);
  const parameters =
    input.settled ??
    (await resolveParameters(template.parameters, input.given, input.previous, async (names) => {
      const answer = await core.invoke<GetParametersCommandOutput>({
        service: 'ssm',
        operation: 'GetParameters',
        region,
        input: { Names: [...new Set(names)] },
        ...passedOn(principal),
      });
      return new Map((answer.Parameters ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? '']));
    }));
  const zones = text.includes('GetAZs') ? await zonesOf(core, region, principal) : [];

  const values = new Map<string, Json | typeof noValue>([
    ...pseudoParameters(core, identity),
    ...parameters.map(({ key, ref }): [string, Json] => [key, ref]),
  ]);
  const scopeWithout = (resource: ResourceLookup, used?: Set<string>): Omit<Scope, 'condition'> => ({
    ref: (name) => values.get(name) ?? resource(name, undefined),
    attribute: (id, name) => resource(id, name),
    mappings: template.mappings,
    importValue(name) {
      used?.add(name);
      const found = exportsIn(stackTables(core, region)).find((candidate) => candidate.name === name);
      if (found === undefined) throw validationError(`No export named ${name} found.`);
      return found.value;
    },
    zones(asked) {
      if (asked !== region) throw validationError(`Fn::GetAZs of another Region (${asked}) is not supported`);
      return zones;
    },
  });
  const condition = conditionsOf(
    template.conditions,
    scopeWithout(() => undefined),
  );
  for (const name of Object.keys(template.conditions)) condition(name);
  checkRules(template.rules, { ...scopeWithout(() => undefined), condition });

  const resources = new Map(
    Object.entries(template.resources).filter(([, item]) => item.condition === undefined || condition(item.condition)),
  );
  if (resources.size === 0)
    throw validationError('Template format error: At least one Resources member must be defined.');
  const graph = graphOf(resources, condition);
  checkAcyclic(graph);
  return {
    identity,
    text,
    template,
    parameters,
    resources,
    graph,
    condition,
    scope: (resource, used) => ({ ...scopeWithout(resource, used), condition }),
  };
}

function graphOf(resources: ReadonlyMap<string, ResourceDeclaration>, condition: (name: string) => boolean): Graph {
  return new Map(
    [...resources].map(([id, { properties, dependsOn }]) => {
      const referred = referencesIn(properties, `Resources/${id}`, condition).map(({ logicalId }) => logicalId);
      return [id, new Set([...dependsOn, ...referred].filter((other) => resources.has(other)))];
    }),
  );
}

function pseudoParameters(core: SandboxCore, { id, name, region }: StackIdentity): [string, Json | typeof noValue][] {
  return [
    ['AWS::AccountId', core.account],
    ['AWS::NotificationARNs', []],
    ['AWS::NoValue', noValue],
    ['AWS::Partition', 'aws'],
    ['AWS::Region', region],
    ['AWS::StackId', id],
    ['AWS::StackName', name],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ];
}

async function zonesOf(core: SandboxCore, region: string, principal: Principal): Promise<string[]> {
  const answer = await core.invoke<DescribeAvailabilityZonesCommandOutput>({
    service: 'ec2',
    operation: 'DescribeAvailabilityZones',
    region,
    input: {},
    ...passedOn(principal),
  });
  return (answer.AvailabilityZones ?? []).flatMap(({ ZoneName }) => ZoneName ?? []).sort();
}
