/** What a change does to who may do what, and who may reach what: IAM statements and security group rules that come and go. */

import type { StackPlan } from './stack-plan.ts';
import { canonical, isObject } from './template-difference.ts';

export interface SecurityChange {
  readonly stackName: string;
  readonly region: string;
  readonly logicalId: string;
  readonly type: string;
  readonly sign: '+' | '-';
  readonly kind: 'statement' | 'managed policy' | 'permission' | 'rule';
  readonly says: string;
}

export function securityChanges(plans: readonly StackPlan[]): SecurityChange[] {
  return plans.flatMap(({ region, resources, stackName }) =>
    resources.flatMap((resource) => {
      const { logicalId, type } = resource;
      const before = grantsIn(type, resource.before ?? {});
      const after = grantsIn(type, resource.action === 'remove' ? {} : (resource.after ?? resource.before ?? {}));
      const change = (sign: '+' | '-', { kind, says }: Grant): SecurityChange => ({
        stackName,
        region,
        logicalId,
        type,
        sign,
        kind,
        says,
      });
      const isNew = (one: Grant, others: readonly Grant[]) => !others.some(({ says }) => says === one.says);
      return [
        ...before.filter((grant) => isNew(grant, after)).map((grant) => change('-', grant)),
        ...after.filter((grant) => isNew(grant, before)).map((grant) => change('+', grant)),
      ];
    }),
  );
}

interface Grant {
  readonly kind: SecurityChange['kind'];
  readonly says: string;
}

/** Which properties grant something, by type of resource. */
function grantsIn(type: string, properties: Readonly<Record<string, unknown>>): Grant[] {
  if (type === 'AWS::Lambda::Permission' && Object.keys(properties).length > 0) {
    const { Action, FunctionName, Principal, SourceArn } = properties;
    const only = SourceArn === undefined ? '' : ` for ${short(SourceArn)}`;
    return [
      { kind: 'permission', says: `allow ${short(Action)} on ${short(FunctionName)} to ${short(Principal)}${only}` },
    ];
  }
  if (type.startsWith('AWS::EC2::SecurityGroup')) return rulesIn(type, properties);
  const inline = listOf(properties.Policies).flatMap((policy) => (isObject(policy) ? [policy.PolicyDocument] : []));
  const documents = [
    properties.PolicyDocument,
    properties.AssumeRolePolicyDocument,
    properties.KeyPolicy,
    properties.ResourcePolicy,
    ...inline,
  ];
  return [
    ...documents.flatMap((document) => (isObject(document) ? listOf(document.Statement).map(statement) : [])),
    ...listOf(properties.ManagedPolicyArns).map((arn): Grant => ({ kind: 'managed policy', says: short(arn) })),
  ];
}

function statement(given: unknown): Grant {
  if (!isObject(given)) return { kind: 'statement', says: short(given) };
  const { Action, Condition, Effect, NotAction, NotPrincipal, NotResource, Principal, Resource } = given;
  const parts = [
    String(Effect).toLowerCase(),
    Action === undefined ? `everything but ${short(NotAction)}` : short(Action),
    ...(Resource === undefined ? [] : [`on ${short(Resource)}`]),
    ...(NotResource === undefined ? [] : [`on everything but ${short(NotResource)}`]),
    ...(Principal === undefined ? [] : [`to ${short(Principal)}`]),
    ...(NotPrincipal === undefined ? [] : [`to everybody but ${short(NotPrincipal)}`]),
    ...(Condition === undefined ? [] : [`if ${canonical(Condition)}`]),
  ];
  return { kind: 'statement', says: parts.join(' ') };
}

function rulesIn(type: string, properties: Readonly<Record<string, unknown>>): Grant[] {
  const alone = type === 'AWS::EC2::SecurityGroupIngress' || type === 'AWS::EC2::SecurityGroupEgress';
  const of = (direction: 'in' | 'out', rules: unknown): Grant[] =>
    listOf(rules).map((rule) => ({ kind: 'rule', says: `${direction} ${ruleText(rule)}` }));
  if (alone) return Object.keys(properties).length === 0 ? [] : of(type.endsWith('Ingress') ? 'in' : 'out', properties);
  return [...of('in', properties.SecurityGroupIngress), ...of('out', properties.SecurityGroupEgress)];
}

function ruleText(rule: unknown): string {
  if (!isObject(rule)) return short(rule);
  const { CidrIp, CidrIpv6, DestinationSecurityGroupId, FromPort, IpProtocol, SourceSecurityGroupId, ToPort } = rule;
  const peer =
    CidrIp ?? CidrIpv6 ?? SourceSecurityGroupId ?? DestinationSecurityGroupId ?? rule.SourcePrefixListId ?? 'anything';
  const [from, to] = [short(FromPort), short(ToPort)];
  const ports = FromPort === undefined ? 'all ports' : from === to ? from : `${from}-${to}`;
  const protocol = short(IpProtocol);
  return `${protocol === '-1' ? 'everything' : `${protocol} ${ports}`} ${short(peer)}`;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** Lists by their members, references by what they name. */
export function short(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(short).join(', ');
  if (!isObject(value)) return String(value);
  const [[key, inner] = ['', undefined], ...others] = Object.entries(value);
  if (others.length === 0 && key === 'Ref') return `\${${short(inner)}}`;
  if (others.length === 0 && key === 'Fn::GetAtt')
    return `\${${Array.isArray(inner) ? inner.join('.') : short(inner)}}`;
  if (others.length === 0 && key === 'Fn::Sub') return short(Array.isArray(inner) ? inner[0] : inner);
  if (others.length === 0 && key === 'Fn::Join' && Array.isArray(inner) && Array.isArray(inner[1]))
    return inner[1].map(short).join(String(inner[0]));
  if (others.length === 0 && key === 'Fn::ImportValue')
    return short(inner).replace(/^.*:ExportsOutput(Ref|FnGetAtt)/, '');
  if (others.length === 0 && /^(AWS|Service|Federated)$/.test(key)) return short(inner);
  return canonical(value);
}
