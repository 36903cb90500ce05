/**
 * Policy documents, read and compiled once. The grammar is judged here, with the path of what breaks it, when a policy is created.
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language".
 */

import type { Condition } from './condition.ts';
import { conditionsOf } from './condition.ts';
import type { Pattern } from './pattern.ts';
import { pattern } from './pattern.ts';
import type { Principals } from './principal.ts';
import { principalsOf } from './principal.ts';
import { PolicyProblem } from './problem.ts';

/** Identity policies name no principal, resource policies must; trust policies name no resource either. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

export interface Policy {
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid: string | undefined;
  readonly index: number;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Selection;
  /** Absent in trust policies: the role itself. */
  readonly resources: Selection | undefined;
  readonly principals: Principals | undefined;
  readonly conditions: readonly Condition[];
}

/** `Action` or, negated, `NotAction`; likewise for resources. */
export interface Selection {
  readonly negated: boolean;
  readonly patterns: readonly Pattern[];
}

/** Reads a policy's JSON text. Throws `PolicyProblem`. */
export function parsePolicy(document: string, kind: PolicyKind): Policy {
  const root = members(jsonOf(document), '', ['Version', 'Id', 'Statement']);
  const version = root.Version ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17') {
    throw new PolicyProblem('Version', `The policy must contain a valid version string: ${JSON.stringify(version)}.`);
  }
  if (root.Statement === undefined)
    throw new PolicyProblem('Statement', 'Syntax errors in policy: Missing required field Statement.');
  const list = listOf(root.Statement);
  if (list.length === 0)
    throw new PolicyProblem('Statement', 'Syntax errors in policy: Empty statements are not allowed.');
  const statements = list.map((one, index) =>
    statementOf(one, index, Array.isArray(root.Statement) ? `Statement[${index}]` : 'Statement', {
      kind,
      variables: version === '2012-10-17',
    }),
  );
  refuseSameSid(statements);
  return { statements };
}

interface Reading {
  readonly kind: PolicyKind;
  readonly variables: boolean;
}

const elements = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
] as const;

function statementOf(value: unknown, index: number, path: string, { kind, variables }: Reading): Statement {
  const statement = members(value, path, elements);
  const { Sid: sid, Effect: effect } = statement;
  if (sid !== undefined && (typeof sid !== 'string' || (kind === 'identity' && !/^[A-Za-z0-9]*$/.test(sid)))) {
    throw new PolicyProblem(`${path}.Sid`, `Statement IDs (SID) must be alpha-numeric: ${JSON.stringify(sid)}.`);
  }
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw new PolicyProblem(
      `${path}.Effect`,
      `Syntax errors in policy: Effect must be Allow or Deny, not ${JSON.stringify(effect)}.`,
    );
  }
  const conditions = statement.Condition;
  return {
    sid: sid === '' ? undefined : sid,
    index,
    effect,
    actions: actionsOf(statement, path),
    resources: resourcesOf(statement, path, { kind, variables }),
    principals: principalsIn(statement, path, kind),
    conditions: conditions === undefined ? [] : conditionsOf(conditions, `${path}.Condition`, variables),
  };
}

type Elements = Readonly<Partial<Record<(typeof elements)[number], unknown>>>;

function actionsOf(statement: Elements, path: string): Selection {
  const { name, negated } = oneOf(statement, 'Action', 'NotAction', path);
  const texts = textsOf(statement[name], `${path}.${name}`);
  for (const text of texts) {
    if (text !== '*' && text !== '*:*' && !/^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$/.test(text)) {
      throw new PolicyProblem(
        `${path}.${name}`,
        `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc., not ${JSON.stringify(text)}.`,
      );
    }
  }
  const patterns = texts.map((text) => pattern(text, { variables: false, wildcards: true, ignoreCase: true }));
  return { negated, patterns };
}

function resourcesOf(statement: Elements, path: string, { kind, variables }: Reading): Selection | undefined {
  if (kind === 'trust') {
    refuse(statement, ['Resource', 'NotResource'], path);
    return undefined;
  }
  const { name, negated } = oneOf(statement, 'Resource', 'NotResource', path);
  const texts = textsOf(statement[name], `${path}.${name}`);
  for (const text of texts) {
    if (kind === 'identity' && text !== '*' && !/^(arn|\*)[:*?]/.test(text) && !text.startsWith('${')) {
      throw new PolicyProblem(`${path}.${name}`, `Resource ${text} must be in ARN format or "*".`);
    }
  }
  return { negated, patterns: texts.map((text) => pattern(text, { variables, wildcards: true })) };
}

function principalsIn(statement: Elements, path: string, kind: PolicyKind): Principals | undefined {
  if (kind === 'identity') {
    refuse(statement, ['Principal', 'NotPrincipal'], path);
    return undefined;
  }
  if (kind === 'trust') refuse(statement, ['NotPrincipal'], path);
  const { name, negated } = oneOf(statement, 'Principal', 'NotPrincipal', path);
  if (negated && statement.Effect === 'Allow') {
    throw new PolicyProblem(`${path}.${name}`, 'Allow with NotPrincipal is not supported: use Principal.');
  }
  return principalsOf(statement[name], negated, `${path}.${name}`);
}

function oneOf<Name extends keyof Elements>(statement: Elements, plain: Name, negated: Name, path: string) {
  const both = statement[plain] !== undefined && statement[negated] !== undefined;
  if (both) throw new PolicyProblem(path, `Syntax errors in policy: both ${plain} and ${negated} are given.`);
  if (statement[plain] !== undefined) return { name: plain, negated: false };
  if (statement[negated] !== undefined) return { name: negated, negated: true };
  throw new PolicyProblem(`${path}.${plain}`, `Policy statement must contain ${plain.toLowerCase()}s.`);
}

function refuse(statement: Elements, names: readonly (keyof Elements)[], path: string): void {
  const found = names.find((name) => statement[name] !== undefined);
  if (found !== undefined) throw new PolicyProblem(`${path}.${found}`, `Has prohibited field ${found}.`);
}

function refuseSameSid(statements: readonly Statement[]): void {
  const seen = new Set<string>();
  for (const { sid, index } of statements) {
    if (sid === undefined) continue;
    if (seen.has(sid)) {
      throw new PolicyProblem(
        `Statement[${index}].Sid`,
        `Statement IDs (SID) in a single policy must be unique: ${sid}.`,
      );
    }
    seen.add(sid);
  }
}

function jsonOf(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    throw new PolicyProblem('', 'This policy contains invalid Json');
  }
}

function members<Name extends string>(
  value: unknown,
  path: string,
  allowed: readonly Name[],
): Partial<Record<Name, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PolicyProblem(path, 'Syntax errors in policy: an object is expected.');
  }
  const unknown = Object.keys(value).find((name) => !(allowed as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new PolicyProblem(
      `${path === '' ? '' : `${path}.`}${unknown}`,
      `Syntax errors in policy: unknown field ${unknown}.`,
    );
  }
  return value;
}

function textsOf(value: unknown, path: string): string[] {
  const list = listOf(value);
  if (list.length === 0) throw new PolicyProblem(path, 'Syntax errors in policy: an empty list.');
  return list.map((one) => {
    if (typeof one !== 'string') throw new PolicyProblem(path, 'Syntax errors in policy: a text is expected.');
    return one;
  });
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);
