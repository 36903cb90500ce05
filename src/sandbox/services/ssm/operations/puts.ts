/** Writing and deleting parameters. */

import type {
  DeleteParameterCommandInput,
  DeleteParametersCommandInput,
  PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import { limits } from '../../../../facts/limits.ts';
import type { Call } from '../../../contract.ts';
import { AwsError, operation } from '../../../contract.ts';
import { eachNamed, named, onParameter } from '../asks.ts';
import { announce } from '../events.ts';
import { checkDataType, checkValue, tierFor } from '../limits.ts';
import { accept, present } from '../members.ts';
import { checkName, parseSelected, validation } from '../names.ts';
import type { ParameterRecord, ParameterType, ParameterVersion, Tier } from '../records.ts';
import { current } from '../records.ts';
import { encrypt, managedKey } from '../secrets.ts';
import type { ParameterStore } from '../store.ts';

const members = [
  'Name',
  'Value',
  'Type',
  'Description',
  'KeyId',
  'Overwrite',
  'AllowedPattern',
  'Tags',
  'Tier',
  'DataType',
];

/** Everything of the new version but its number, time and labels. */
interface Draft extends Omit<ParameterVersion, 'version' | 'lastModified' | 'labels'> {
  readonly name: string;
  readonly type: ParameterType;
  readonly overwrite: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export const puts = (store: ParameterStore) => ({
  PutParameter: operation(
    async (input: PutParameterCommandInput, call) => {
      accept('PutParameter', input, members);
      const draft = await drafted(store, input, call);
      if (draft.dataType === 'aws:ec2:image') return putLater(store, call.region, draft);
      const { version, tier } = current(put(store, call.region, draft));
      return { Version: version, Tier: tier };
    },
    (input: PutParameterCommandInput, call) => [
      onParameter('PutParameter', input.Name, call, { 'ssm:Overwrite': String(input.Overwrite === true) }),
      ...((input.Tags ?? []).length > 0 ? [onParameter('AddTagsToResource', input.Name, call)] : []),
      ...(input.DataType === 'aws:ec2:image' ? [{ action: 'ec2:DescribeImages', resource: '*' }] : []),
    ],
  ),

  DeleteParameter: operation((input: DeleteParameterCommandInput, call) => {
    accept('DeleteParameter', input, ['Name']);
    remove(store, call.region, parseSelected(input.Name).name);
    return {};
  }, named('DeleteParameter')),

  DeleteParameters: operation((input: DeleteParametersCommandInput, call) => {
    accept('DeleteParameters', input, ['Names']);
    const names = input.Names ?? [];
    if (names.length === 0 || names.length > 10) throw validation('Names must have between 1 and 10 members.');
    const [deleted, invalid] = partition(names, (name) => store.table(call.region).has(parseSelected(name).name));
    for (const name of deleted) remove(store, call.region, parseSelected(name).name);
    return { DeletedParameters: deleted, InvalidParameters: invalid };
  }, eachNamed('DeleteParameters')),
});

async function drafted(store: ParameterStore, input: PutParameterCommandInput, call: Call): Promise<Draft> {
  const { name, selector } = parseSelected(input.Name);
  if (selector !== undefined) throw validation('Parameter name must not contain a colon.');
  checkName(name);
  const before = store.table(call.region).get(name);
  const latest = before === undefined ? undefined : current(before);
  const overwrite = input.Overwrite === true;
  checkExistence(before, overwrite);
  if (overwrite && (input.Tags ?? []).length > 0) {
    throw validation(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
  const type = typeFor(input.Type, before);
  const allowedPattern = input.AllowedPattern ?? latest?.allowedPattern;
  const value = checkValue(input.Value, allowedPattern);
  const tier: Tier = tierFor(input.Tier, value, latest?.tier);
  const dataType = input.DataType ?? 'text';
  checkDataType(dataType, type, value);
  if (type !== 'SecureString' && input.KeyId !== undefined) {
    throw validation('KeyId is required only for parameters that use the SecureString data type.');
  }
  const secret = type === 'SecureString' ? { keyId: input.KeyId ?? managedKey } : {};
  return present({
    ...secret,
    name,
    type,
    overwrite,
    tier,
    dataType,
    allowedPattern,
    value:
      secret.keyId === undefined
        ? value
        : await encrypt(store.core, call, store.arn(call.region, name), secret.keyId, value),
    description: input.Description ?? latest?.description,
    user: call.principal.arn,
    tags: Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
  }) as Draft;
}

function checkExistence(before: ParameterRecord | undefined, overwrite: boolean): void {
  if (before === undefined || overwrite) return;
  throw new AwsError(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  );
}

function typeFor(asked: string | undefined, before: ParameterRecord | undefined): ParameterType {
  if (asked === undefined) {
    if (before !== undefined) return before.type;
    throw validation('A parameter type is required when you create a parameter.');
  }
  if (asked !== 'String' && asked !== 'StringList' && asked !== 'SecureString') {
    throw validation(
      `1 validation error detected: Value '${asked}' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]`,
    );
  }
  if (before !== undefined && before.type !== asked) {
    throw new AwsError(
      'HierarchyTypeMismatchException',
      `Parameter Store doesn't support changing a parameter type in a hierarchy. You can't change ${before.type} to ${asked}: create a new, unique parameter.`,
    );
  }
  return asked;
}

/** The new version, committed and announced. */
function put(store: ParameterStore, region: string, draft: Draft): ParameterRecord {
  const { name, type, overwrite, tags, ...content } = draft;
  const before = store.table(region).get(name);
  checkExistence(before, overwrite);
  if (before === undefined) checkCount(store, region, draft.tier);
  const version: ParameterVersion = {
    ...content,
    version: before === undefined ? 1 : current(before).version + 1,
    lastModified: store.now(region),
    labels: [],
  };
  const versions = [...(before === undefined ? [] : roomFor(before)), version];
  const record = store.table(region).put(name, { name, type, versions, tags: before?.tags ?? tags });
  announce(store.core, region, {
    operation: before === undefined ? 'Create' : 'Update',
    name,
    arn: store.arn(region, name),
    type,
    description: version.description,
    ...(version.dataType === 'text' ? {} : { dataType: version.dataType }),
  });
  return record;
}

/** Source: Systems Manager endpoints and quotas. Counted only where there are so many that it can matter. */
function checkCount(store: ParameterStore, region: string, tier: Tier): void {
  const most = tier === 'Advanced' ? limits.ssm.adv_params : limits.ssm.std_params;
  const table = store.table(region);
  if (table.size < most || table.values().filter((record) => current(record).tier === tier).length < most) return;
  throw new AwsError(
    'ParameterLimitExceeded',
    'You have exceeded the number of parameters for this AWS account. Delete one or more parameters and try again.',
  );
}

/** A parameter keeps 100 versions; the oldest makes room unless a label holds it. */
function roomFor({ name, versions }: ParameterRecord): readonly ParameterVersion[] {
  if (versions.length < 100) return versions;
  const oldest = versions[0];
  if (oldest !== undefined && oldest.labels.length > 0) {
    throw new AwsError(
      'ParameterMaxVersionLimitExceeded',
      `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  }
  return versions.slice(1);
}

/**
 * AMI ids are looked up after the put was answered: an image that isn't there leaves the parameter as it was, and the only word of it is
 * an event. Source: Systems Manager User Guide, "Using native parameter support for AMI IDs".
 */
function putLater(store: ParameterStore, region: string, draft: Draft): { Version: number; Tier: Tier } {
  const { core } = store;
  const before = store.table(region).get(draft.name);
  if (before !== undefined) roomFor(before);
  const id = core.ids.uuid();
  waitingPuts(store, region).put(id, draft);
  settleLater(store, region, id, draft);
  return { Version: before === undefined ? 1 : current(before).version + 1, Tier: draft.tier };
}

/** Puts that were answered and aren't validated yet. */
const waitingPuts = ({ core }: ParameterStore, region: string) => core.table<Draft>('ssm', region, 'waiting-puts');

function settleLater(store: ParameterStore, region: string, id: string, draft: Draft): void {
  const { core } = store;
  core.region(region).clock.after(core.timing.milliseconds('ssm_ami_datatype_async_validation'), () => {
    settle(store, region, id, draft).catch((error: unknown) =>
      core.log({ service: 'ssm', region, text: `the put of ${draft.name} was lost`, error }),
    );
  });
}

/** Validates what an earlier life had answered. */
export function resumePuts(store: ParameterStore): void {
  for (const region of store.core.regions) {
    for (const [id, draft] of waitingPuts(store, region).entries()) settleLater(store, region, id, draft);
  }
}

async function settle(store: ParameterStore, region: string, id: string, draft: Draft): Promise<void> {
  const exists = await imageExists(store, region, draft.value);
  // Together with what comes of it: nobody is told of either before both are kept.
  waitingPuts(store, region).delete(id);
  if (exists) {
    put(store, region, draft);
    return;
  }
  announce(store.core, region, {
    operation: store.table(region).has(draft.name) ? 'Update' : 'Create',
    name: draft.name,
    arn: store.arn(region, draft.name),
    type: draft.type,
    description: draft.description,
    dataType: draft.dataType,
    exception: 'Unable to Describe Resource',
  });
}

async function imageExists({ core }: ParameterStore, region: string, image: string): Promise<boolean> {
  try {
    const { Images: images } = await core.invoke<{ Images?: { State?: string }[] }>({
      service: 'ec2',
      operation: 'DescribeImages',
      region,
      input: { ImageIds: [image] },
      principal: core.as('ssm'),
    });
    return images?.some((one) => one.State === 'available') === true;
  } catch (error) {
    core.log({ service: 'ssm', region, text: `${image} could not be described: ${String(error)}` });
    return false;
  }
}

function remove(store: ParameterStore, region: string, name: string): void {
  const record = store.table(region).get(name);
  if (record === undefined) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
  store.table(region).delete(name);
  announce(store.core, region, {
    operation: 'Delete',
    name,
    arn: store.arn(region, name),
    type: record.type,
    description: current(record).description,
  });
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter((item) => test(item)), items.filter((item) => !test(item))];
}
