/** What can be said about a template before anything is resolved: every type, property, reference and attribute is known. */

import { validationError } from './errors.ts';
import type { Reference } from './references.ts';
import { referencesIn } from './references.ts';
import type { ResourceType } from './resource-type.ts';
import { resourceType } from './resources/registry.ts';
import type { ResourceDeclaration, Template } from './template.ts';

const pseudoParameterNames: ReadonlySet<string> = new Set(
  ['AccountId', 'NotificationARNs', 'NoValue', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix'].map(
    (name) => `AWS::${name}`,
  ),
);

export function checkTemplate(template: Template): void {
  const entries = Object.entries(template.resources);
  const strangers = new Set(entries.map(([, { type }]) => type).filter((type) => resourceType(type) === undefined));
  if (strangers.size > 0) {
    throw validationError(`Template format error: Unrecognized resource types: [${[...strangers].join(', ')}]`);
  }
  for (const [id, declaration] of entries) checkResource(id, declaration, template);
  for (const [key, output] of Object.entries(template.outputs)) {
    if (output.Value === undefined) {
      throw validationError(`Template format error: Output ${key} is malformed. The Value field is required.`);
    }
    checkReferences(referencesIn(output, `Outputs/${key}`, undefined), template, 'Outputs');
  }
}

function checkResource(id: string, declaration: ResourceDeclaration, template: Template): void {
  const path = `Resources/${id}`;
  const type = resourceType(declaration.type);
  if (type === undefined) return;
  const given = Object.keys(declaration.properties);
  const extra = type.open === true ? [] : given.filter((name) => type.properties[name] === undefined);
  if (extra.length > 0) {
    throw validationError(
      `Template error: ${declaration.type} doesn't support the property ${extra.join(', ')} in the sandbox`,
      `${path}/Properties`,
    );
  }
  const missing = (type.required ?? []).filter((name) => !given.includes(name));
  if (missing.length > 0) {
    throw validationError(
      `Properties validation failed for resource ${id} with message: required key [${missing.join(', ')}] not found`,
    );
  }
  checkPolicies(path, declaration, type);
  const absent = declaration.dependsOn.filter((other) => template.resources[other] === undefined);
  if (absent.length > 0) {
    throw validationError(
      `Template format error: Unresolved resource dependencies [${absent.join(', ')}] in the Resources block of the template`,
    );
  }
  checkReferences(referencesIn(declaration.properties, `${path}/Properties`, undefined), template);
  if (declaration.condition !== undefined && template.conditions[declaration.condition] === undefined) {
    throw validationError(
      `Template format error: Unresolved condition dependency ${declaration.condition} in the Resources block of the template`,
      path,
    );
  }
}

function checkPolicies(path: string, declaration: ResourceDeclaration, type: ResourceType): void {
  const policies = [declaration.deletionPolicy, declaration.updateReplacePolicy];
  if (type.snapshots !== true && policies.includes('Snapshot')) {
    throw validationError(`Template error: resource type ${type.name} does not support deletion policy Snapshot`, path);
  }
  const extra = Object.keys(declaration.updatePolicy).filter((key) => type.updatePolicies?.includes(key) !== true);
  if (extra.length > 0) {
    throw validationError(`Template error: ${type.name} doesn't support the update policy ${extra.join(', ')}`, path);
  }
}

function checkReferences(references: readonly Reference[], template: Template, block = 'Resources'): void {
  for (const { logicalId, attribute, path } of references) {
    const declaration = template.resources[logicalId];
    const known =
      declaration !== undefined ||
      (attribute === undefined &&
        (template.parameters[logicalId] !== undefined || pseudoParameterNames.has(logicalId)));
    if (!known && attribute !== undefined) {
      throw validationError(`Template error: instance of Fn::GetAtt references undefined resource ${logicalId}`, path);
    }
    if (!known) {
      throw validationError(
        `Template format error: Unresolved resource dependencies [${logicalId}] in the ${block} block of the template`,
        path,
      );
    }
    if (declaration === undefined || typeof attribute !== 'string') continue;
    const type = resourceType(declaration.type);
    if (type?.open !== true && type?.attributes.includes(attribute) !== true) {
      throw validationError(
        `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`,
        path,
      );
    }
  }
}
