/** Plans as text: per stack and resource what would change, what of it concerns security, and which control planes it needs. */

import colors from 'picocolors';
import { counted } from '../text.ts';
import type { Touch } from './control-planes.ts';
import { planes } from './control-planes.ts';
import type { SecurityChange } from './security.ts';
import { short } from './security.ts';
import type { PropertyChange, ResourcePlan, StackPlan } from './stack-plan.ts';
import { hasChanges, statefulTypes } from './stack-plan.ts';
import { canonical } from './template-difference.ts';

/** `properties` shows each property, and each resource of a new stack. */
export function planLines(plans: readonly StackPlan[], { properties }: { readonly properties: boolean }): string[] {
  return plans.filter(hasChanges).flatMap((plan) => {
    const { action, resources, stackName, region, templateOnly } = plan;
    const isNew = action === 'create' || action === 'remake';
    const head = `${colors.bold(`${region} ${stackName}`)}  ${verb[action]}${isNew ? `, ${counted(resources.length, 'resource')}` : `: ${counts(resources)}`}`;
    const note =
      templateOnly === undefined
        ? []
        : [colors.yellow(`  From the templates alone, no change set could be made: ${templateOnly}`)];
    if (isNew && !properties) return [head, ...note];
    return [head, ...note, ...resources.flatMap((resource) => resourceLines(resource, properties && !isNew))];
  });
}

const verb = {
  create: 'to be created',
  remake: 'never came up: to be deleted and created again',
  update: 'to be updated',
  none: 'unchanged',
} as const;

function counts(resources: readonly ResourcePlan[]): string {
  const words: [ResourcePlan['action'], string][] = [
    ['add', 'added'],
    ['change', 'changed'],
    ['replace', 'replaced'],
    ['maybe replace', 'perhaps replaced'],
    ['remove', 'removed'],
  ];
  const parts = words.flatMap(([action, word]) => {
    const count = resources.filter((resource) => resource.action === action).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return parts.length === 0 ? 'only outputs, tags or settings of the stack' : parts.join(', ');
}

const signs: Readonly<Record<ResourcePlan['action'], string>> = {
  add: colors.green('[+]'),
  change: colors.yellow('[~]'),
  replace: colors.red('[±]'),
  'maybe replace': colors.yellow('[±]'),
  remove: colors.red('[-]'),
};

function resourceLines(resource: ResourcePlan, properties: boolean): string[] {
  const { action, kept, logicalId, type } = resource;
  const fate = action === 'replace' ? ' REPLACED' : action === 'maybe replace' ? ' perhaps replaced' : '';
  const stays = kept === true ? ' (what stands is kept, no longer managed)' : '';
  const holds = action !== 'add' && action !== 'change' && statefulTypes.has(type) ? colors.red(' holds data') : '';
  const head = `  ${signs[action]} ${type} ${logicalId}${colors.red(fate)}${stays}${holds}`;
  return [head, ...(properties ? resource.properties.flatMap(propertyLines) : [])];
}

function propertyLines({ after, before, path, replaces }: PropertyChange): string[] {
  const why =
    replaces === 'always'
      ? colors.red(' (requires replacement)')
      : replaces === 'maybe'
        ? ' (may require replacement)'
        : '';
  return [
    `      ${path}${why}`,
    ...(before === undefined ? [] : [colors.red(`        - ${value(before)}`)]),
    ...(after === undefined ? [] : [colors.green(`        + ${value(after)}`)]),
  ];
}

const longest = 300;

function value(given: unknown): string {
  const text = typeof given === 'string' ? given : /^[[{]/.test(short(given)) ? canonical(given) : short(given);
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`;
}

export function securityLines(changes: readonly SecurityChange[]): string[] {
  if (changes.length === 0) return [];
  const owners = [...new Set(changes.map(({ logicalId, region, stackName }) => `${region} ${stackName}/${logicalId}`))];
  return [
    colors.bold('Security: who may do what, and reach what'),
    ...owners.flatMap((owner) => [
      `  ${owner}`,
      ...changes
        .filter(({ logicalId, region, stackName }) => `${region} ${stackName}/${logicalId}` === owner)
        .map(({ kind, says, sign }) => (sign === '+' ? colors.green : colors.red)(`    ${sign} ${kind} ${says}`)),
    ]),
  ];
}

/** What stands elsewhere than in a stack's own Region, said before anything starts. */
export function touchLines(touches: readonly Touch[]): string[] {
  if (touches.length === 0) return [];
  return [
    colors.bold("Needs more than its own Region's control plane"),
    ...planes.flatMap((plane) => {
      const of = touches.filter((touch) => touch.plane === plane);
      if (of.length === 0) return [];
      const where = plane === 'the other Region' ? plane : `${plane} (us-east-1's control plane)`;
      return [
        `  ${where}`,
        ...of.map(({ region, resources, stackName }) => {
          const ids = resources.map(({ logicalId }) => logicalId);
          const more = ids.length > 6 ? ` and ${ids.length - 6} more` : '';
          return `    ${region} ${stackName}: ${ids.slice(0, 6).join(', ')}${more}`;
        }),
      ];
    }),
  ];
}
