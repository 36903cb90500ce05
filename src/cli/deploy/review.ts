/**
 * What a deployment would change, found out before anything is: the difference between the deployed and the new template, and for a
 * stack that stands a change set, which knows what is replaced and what changes by reference. The change set is removed again.
 */

import type { CloudFormationClient, ResourceChange, Stack } from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf, PilotLightError } from '../../kernel/errors.ts';
import type { AssemblyStack } from './assembly.ts';
import { changesIn, mustBeUploaded, openChangeSet, removeChangeSet } from './change-set.ts';
import type { AssetPublisher } from './publish-assets.ts';
import type { PropertyChange, ResourcePlan, StackPlan } from './stack-plan.ts';
import { neverCameUp } from './stack-states.ts';
import type { Template } from './template-difference.ts';
import { templateDifference } from './template-difference.ts';

export interface ReviewOptions {
  readonly client: CloudFormationClient;
  readonly clock: Clock;
  /** Uploads templates too large to be sent along. */
  readonly publisher: AssetPublisher;
}

export async function reviewStack(
  stack: AssemblyStack,
  standing: Stack | undefined,
  options: ReviewOptions,
): Promise<StackPlan> {
  const { id, region, resources: of, stackName } = stack;
  const next = JSON.parse(stack.template) as Template;
  const base = { id, stackName, region, of };
  const status = standing?.StackStatus ?? '';
  if (standing === undefined || status === 'REVIEW_IN_PROGRESS' || neverCameUp.has(status)) {
    const resources = templateDifference({}, next);
    return { ...base, action: neverCameUp.has(status) ? 'remake' : 'create', resources };
  }
  const byTemplate = templateDifference(await deployedTemplate(options.client, stackName), next);
  try {
    const { changes, hasChanges } = await throughChangeSet(stack, options);
    const resources = changes.map((change) => joined(change, byTemplate));
    return { ...base, action: hasChanges ? 'update' : 'none', resources };
  } catch (error) {
    if (error instanceof PilotLightError && error.kind === 'usage') throw error;
    const action = byTemplate.length > 0 ? 'update' : 'none';
    return { ...base, action, resources: byTemplate, templateOnly: messageOf(error) };
  }
}

const changeSetName = 'pilot-light-review';

async function throughChangeSet(
  stack: AssemblyStack,
  { client, clock, publisher }: ReviewOptions,
): Promise<{ hasChanges: boolean; changes: ResourceChange[] }> {
  const { assets, stackName, template, templateUrl } = stack;
  const isTemplate = ({ bucket, key }: { bucket: string; key: string }) => templateUrl?.endsWith(`/${bucket}/${key}`);
  if (mustBeUploaded({ template })) await publisher.publish(assets.filter(isTemplate));
  const { templateUrl: _, ...inline } = stack;
  await removeChangeSet(client, stackName, changeSetName);
  const { hasChanges } = await openChangeSet(mustBeUploaded({ template }) ? stack : inline, {
    client,
    clock,
    name: changeSetName,
    exists: true,
  });
  const changes = hasChanges ? await changesIn(client, stackName, changeSetName) : [];
  await removeChangeSet(client, stackName, changeSetName);
  return { hasChanges, changes };
}

async function deployedTemplate(client: CloudFormationClient, StackName: string): Promise<Template> {
  const { GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
  const { TemplateBody = '{}' } = await client.send(new GetTemplateCommand({ StackName, TemplateStage: 'Original' }));
  try {
    return JSON.parse(TemplateBody) as Template;
  } catch {
    return (await import('yaml')).parse(TemplateBody) as Template;
  }
}

const replaces = { Never: 'never', Conditionally: 'maybe', Always: 'always' } as const;

/** A change as the change set tells it, with the properties as the templates write them. */
function joined(change: ResourceChange, byTemplate: readonly ResourcePlan[]): ResourcePlan {
  const {
    Action,
    Details = [],
    LogicalResourceId: logicalId = '',
    PhysicalResourceId,
    PolicyAction,
    Replacement,
  } = change;
  const written = byTemplate.find((resource) => resource.logicalId === logicalId);
  const recreation = (name: string) =>
    Details.find(({ Target }) => Target?.Name === name)?.Target?.RequiresRecreation ?? 'Never';
  const fromTemplate = (written?.properties ?? []).map((property) => ({
    ...property,
    replaces: replaces[recreation(property.path.split(/[.[]/)[0] ?? '')],
  }));
  const known = new Set(fromTemplate.map(({ path }) => path.split(/[.[]/)[0]));
  const byReference = Details.flatMap(({ Target }): PropertyChange[] => {
    const { Attribute, AfterValue, BeforeValue, Name, RequiresRecreation = 'Never' } = Target ?? {};
    const path = Name ?? (Attribute === 'Tags' ? 'Tags' : undefined);
    if (path === undefined || known.has(path)) return [];
    known.add(path);
    return [{ path, before: valueIn(BeforeValue), after: valueIn(AfterValue), replaces: replaces[RequiresRecreation] }];
  });
  return {
    logicalId,
    type: change.ResourceType ?? '',
    action: actionOf(Action, Replacement),
    properties: Action === 'Modify' ? [...fromTemplate, ...byReference] : [],
    ...(PhysicalResourceId === undefined ? {} : { physicalId: PhysicalResourceId }),
    ...(PolicyAction === undefined ? {} : { kept: /Retain/.test(PolicyAction) }),
    ...(written?.before === undefined ? {} : { before: written.before }),
    ...(written?.after === undefined ? {} : { after: written.after }),
  };
}

/** Values come as text: JSON where they are no text themselves. */
function valueIn(text: string | undefined): unknown {
  if (text === undefined || !/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function actionOf(action: string | undefined, replacement: string | undefined): ResourcePlan['action'] {
  if (action === 'Add' || action === 'Import') return 'add';
  if (action === 'Remove') return 'remove';
  if (replacement === 'True') return 'replace';
  return replacement === 'Conditional' ? 'maybe replace' : 'change';
}
