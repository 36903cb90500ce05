/**
 * What is left of a stack when everything but data goes: its data, what that refers to, and nothing else. A stack reduced like this
 * still owns its data: protection stays, and a later deployment brings the rest back around it, under the same names.
 */

import type { Template, TemplateResource } from './template-difference.ts';
import { isObject } from './template-difference.ts';

export interface DeployedTemplate {
  readonly id: string;
  readonly region: string;
  readonly template: Template;
}

/** Resources that are data. A queue's messages are on their way to somewhere, and go. */
const dataTypes: ReadonlySet<string> = new Set([
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::KMS::Key',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
]);

/** What belongs to data it refers to: who may reach it, and under which name. */
const companions: ReadonlySet<string> = new Set([
  'AWS::KMS::Alias',
  'AWS::S3::BucketPolicy',
  'AWS::SecretsManager::ResourcePolicy',
]);

/** @returns by stack id the reduced template; undefined where a stack holds no data and nothing that data stands on. */
export function reducedTemplates(stacks: readonly DeployedTemplate[]): Map<string, Template | undefined> {
  const kept = new Map(stacks.map(({ id, template }) => [id, dataIn(template)] as const));
  // Data of one stack may stand on another's network: what it imports is kept there.
  for (let grew = true; grew; ) {
    grew = false;
    for (const one of stacks) {
      const resources = kept.get(one.id) ?? new Set();
      const before = resources.size;
      close(one.template, resources);
      const imported = new Set([...resources].flatMap((id) => imports(one.template.Resources?.[id])));
      for (const other of stacks.filter(({ region }) => region === one.region)) {
        for (const { Export, Value } of Object.values(other.template.Outputs ?? {})) {
          if (!isObject(Export) || typeof Export.Name !== 'string' || !imported.has(Export.Name)) continue;
          const theirs = kept.get(other.id) ?? new Set();
          for (const id of references(Value)) {
            if (other.template.Resources?.[id] === undefined || theirs.has(id)) continue;
            theirs.add(id);
            grew = true;
          }
        }
      }
      if (resources.size > before) grew = true;
    }
  }
  return new Map(
    stacks.map(({ id, template }) => {
      const resources = kept.get(id) ?? new Set();
      return [id, resources.size === 0 ? undefined : reducedTo(template, resources)] as const;
    }),
  );
}

/** Pilot Light's own memory: which Region is active, and which image is current. Parameters made once, which cost nothing. */
const isMemory = ({ Properties = {}, Type }: TemplateResource): boolean =>
  Type === 'Custom::PilotLightInstall' &&
  Properties.Kind === 'parameter' &&
  String(Properties.Name).startsWith('/pilot-light/');

function dataIn({ Resources = {} }: Template): Set<string> {
  const ids = Object.entries(Resources).filter(([, { Type }]) => dataTypes.has(Type));
  return new Set(ids.map(([id]) => id));
}

/** Adds what the kept ones refer to, and the companions that refer to them. */
function close({ Resources = {} }: Template, kept: Set<string>): void {
  const visit = (id: string): void => {
    for (const other of references({ ...Resources[id], DependsOn: undefined })) {
      if (Resources[other] === undefined || kept.has(other)) continue;
      kept.add(other);
      visit(other);
    }
  };
  for (const id of kept) visit(id);
  for (const [id, resource] of Object.entries(Resources)) {
    if (!companions.has(resource.Type) || !references(resource.Properties).some((other) => kept.has(other))) continue;
    kept.add(id);
    visit(id);
  }
  if (kept.size === 0) return;
  for (const [id, resource] of Object.entries(Resources)) if (isMemory(resource)) kept.add(id);
}

function reducedTo(template: Template, kept: ReadonlySet<string>): Template {
  const Resources = Object.fromEntries(
    Object.entries(template.Resources ?? {})
      .filter(([id]) => kept.has(id))
      .map(([id, resource]) => [id, reducedResource(resource, kept)]),
  );
  const Outputs = Object.fromEntries(
    Object.entries(template.Outputs ?? {}).filter(([, { Value }]) => {
      const ids = references(Value).filter((id) => template.Resources?.[id] !== undefined);
      return ids.length > 0 && ids.every((id) => kept.has(id));
    }),
  );
  const conditions = namedIn(template.Conditions, JSON.stringify(Resources));
  const parameters = namedIn(template.Parameters, JSON.stringify([Resources, Outputs, conditions]));
  const { Conditions: _, Parameters: __, Rules: ___, ...rest } = template;
  return {
    ...rest,
    Resources,
    Outputs,
    ...(Object.keys(conditions).length === 0 ? {} : { Conditions: conditions }),
    ...(Object.keys(parameters).length === 0 ? {} : { Parameters: parameters }),
  };
}

function reducedResource(resource: TemplateResource, kept: ReadonlySet<string>): TemplateResource {
  const { DependsOn, ...rest } = resource;
  const awaited = (Array.isArray(DependsOn) ? DependsOn : DependsOn === undefined ? [] : [DependsOn]).filter((id) =>
    kept.has(String(id)),
  );
  return {
    ...rest,
    ...(awaited.length === 0 ? {} : { DependsOn: awaited.map(String) }),
    // The function that would take it back is gone by then.
    ...(isMemory(resource) ? { DeletionPolicy: 'Retain' } : {}),
  };
}

/** Entries whose names occur in a text, quoted. */
function namedIn(entries: unknown, text: string): Record<string, unknown> {
  if (!isObject(entries)) return {};
  return Object.fromEntries(Object.entries(entries).filter(([name]) => text.includes(`"${name}"`)));
}

/** Logical ids (and parameters) a value refers to. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return [inner];
    if (key === 'Fn::GetAtt') return [String(Array.isArray(inner) ? inner[0] : inner).split('.')[0] ?? ''];
    if (key === 'Fn::Sub') {
      const [text, variables] = Array.isArray(inner) ? (inner as unknown[]) : [inner];
      const names = [...String(text).matchAll(/\$\{([^!.}]+)/g)].map(([, name = '']) => name);
      return [...names, ...references(variables)];
    }
    return references(inner);
  });
}

function imports(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(imports);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Fn::ImportValue' && typeof inner === 'string' ? [inner] : imports(inner),
  );
}
