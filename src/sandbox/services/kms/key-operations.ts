/** Keys themselves: made, described, given a policy, disabled, rotated, tagged and deleted. */

import type {
  CancelKeyDeletionCommandInput,
  CreateKeyCommandInput,
  DescribeKeyCommandInput,
  EnableKeyRotationCommandInput,
  GetKeyPolicyCommandInput,
  ListKeysCommandInput,
  ListResourceTagsCommandInput,
  PutKeyPolicyCommandInput,
  ScheduleKeyDeletionCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
  UpdateKeyDescriptionCommandInput,
} from '@aws-sdk/client-kms';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { askOnKey } from './asks.ts';
import { notFound, required, unsupported, validation } from './errors.ts';
import { checkPolicy, defaultPolicy } from './key-policy.ts';
import { customerKey, keyOf, liveKeys, notPending, usable } from './keys.ts';
import { newKey } from './new-key.ts';
import { page } from './pages.ts';
import type { KeyRow } from './rows.ts';
import { kmsTables } from './rows.ts';
import { addTags, requestTags, tagList } from './tags.ts';

const day = 86_400_000;

interface OnKey {
  readonly KeyId?: string | undefined;
}

export function keyOperations(core: SandboxCore): Record<string, AnyOperation> {
  const ask = (action: string) => (input: OnKey, call: Call) => [askOnKey(core, call, action, input.KeyId)];
  const change = (call: Call, row: KeyRow, to: Partial<KeyRow>): KeyRow =>
    kmsTables(core, call.region).keys.put(row.id, { ...row, ...to });
  const own = (input: OnKey, call: Call): KeyRow => customerKey(core, call, input.KeyId);
  const setState = (state: 'Enabled' | 'Disabled') => (input: OnKey, call: Call) => {
    change(call, notPending(own(input, call)), { state });
    return {};
  };
  return {
    CreateKey: operation(
      (input: CreateKeyCommandInput, call) => ({ KeyMetadata: metadata(createKey(core, input, call)) }),
      (input) => [{ action: 'kms:CreateKey', resource: '*', context: requestTags(input.Tags) }],
    ),
    DescribeKey: operation(
      (input: DescribeKeyCommandInput, call) => ({ KeyMetadata: metadata(keyOf(core, call, input.KeyId)) }),
      ask('DescribeKey'),
    ),
    ListKeys: operation((input: ListKeysCommandInput, call) => {
      const { items, rest } = page(liveKeys(core, call), input);
      return { Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...rest };
    }),
    GetKeyPolicy: operation((input: GetKeyPolicyCommandInput, call) => {
      checkPolicyName(input.PolicyName);
      return { Policy: keyOf(core, call, input.KeyId).policy, PolicyName: 'default' };
    }, ask('GetKeyPolicy')),
    PutKeyPolicy: operation((input: PutKeyPolicyCommandInput, call) => {
      checkPolicyName(input.PolicyName);
      const row = notPending(own(input, call));
      const document = required(input.Policy, 'policy');
      change(call, row, { policy: checkPolicy(core, call, document, input.BypassPolicyLockoutSafetyCheck) });
      return {};
    }, ask('PutKeyPolicy')),
    UpdateKeyDescription: operation((input: UpdateKeyDescriptionCommandInput, call) => {
      change(call, notPending(own(input, call)), { description: required(input.Description, 'description') });
      return {};
    }, ask('UpdateKeyDescription')),
    EnableKey: operation(setState('Enabled'), ask('EnableKey')),
    DisableKey: operation(setState('Disabled'), ask('DisableKey')),
    ScheduleKeyDeletion: operation((input: ScheduleKeyDeletionCommandInput, call) => {
      const days = input.PendingWindowInDays ?? 30;
      if (days < 7 || days > 30) throw validation(`PendingWindowInDays is 7 to 30, not ${days}.`);
      const row = notPending(own(input, call));
      const deletionAt = core.clock.now() + days * day;
      change(call, row, { state: 'PendingDeletion', deletionAt, pendingDays: days });
      return {
        KeyId: row.arn,
        DeletionDate: new Date(deletionAt),
        KeyState: 'PendingDeletion' as const,
        PendingWindowInDays: days,
      };
    }, ask('ScheduleKeyDeletion')),
    CancelKeyDeletion: operation((input: CancelKeyDeletionCommandInput, call) => {
      const row = own(input, call);
      if (row.state !== 'PendingDeletion') {
        throw new AwsError('KMSInvalidStateException', `${row.arn} is not pending deletion.`);
      }
      change(call, row, { state: 'Disabled', deletionAt: undefined, pendingDays: undefined });
      return { KeyId: row.arn };
    }, ask('CancelKeyDeletion')),
    EnableKeyRotation: operation((input: EnableKeyRotationCommandInput, call) => {
      const days = input.RotationPeriodInDays ?? 365;
      if (days < 90 || days > 2560) throw validation(`RotationPeriodInDays is 90 to 2560, not ${days}.`);
      change(call, usable(own(input, call)), { rotation: { days, since: core.clock.now() } });
      return {};
    }, ask('EnableKeyRotation')),
    DisableKeyRotation: operation((input: OnKey, call) => {
      change(call, usable(own(input, call)), { rotation: undefined });
      return {};
    }, ask('DisableKeyRotation')),
    GetKeyRotationStatus: operation(
      (input: OnKey, call) => rotationStatus(core, keyOf(core, call, input.KeyId)),
      ask('GetKeyRotationStatus'),
    ),
    TagResource: operation(
      (input: TagResourceCommandInput, call) => {
        const row = notPending(own(input, call));
        change(call, row, { tags: addTags(row.tags, input.Tags) });
        return {};
      },
      (input, call) => [askOnKey(core, call, 'TagResource', input.KeyId, requestTags(input.Tags))],
    ),
    UntagResource: operation(
      (input: UntagResourceCommandInput, call) => {
        const row = notPending(own(input, call));
        const kept = Object.entries(row.tags).filter(([key]) => input.TagKeys?.includes(key) !== true);
        change(call, row, { tags: Object.fromEntries(kept) });
        return {};
      },
      (input, call) => [askOnKey(core, call, 'UntagResource', input.KeyId, { 'aws:TagKeys': input.TagKeys ?? [] })],
    ),
    ListResourceTags: operation((input: ListResourceTagsCommandInput, call) => {
      const { items, rest } = page(tagList(keyOf(core, call, input.KeyId).tags), input);
      return { Tags: items, ...rest };
    }, ask('ListResourceTags')),
  };
}

function createKey(core: SandboxCore, input: CreateKeyCommandInput, call: Call): KeyRow {
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  if (spec !== 'SYMMETRIC_DEFAULT') throw unsupported(`KeySpec ${spec}`);
  if (input.KeyUsage !== undefined && input.KeyUsage !== 'ENCRYPT_DECRYPT')
    throw unsupported(`KeyUsage ${input.KeyUsage}`);
  if (input.Origin !== undefined && input.Origin !== 'AWS_KMS') throw unsupported(`Origin ${input.Origin}`);
  if (input.MultiRegion === true) throw unsupported('MultiRegion keys');
  const elsewhere = input.CustomKeyStoreId ?? input.XksKeyId;
  if (elsewhere !== undefined) throw unsupported(`the key store ${elsewhere}`);
  const policy =
    input.Policy === undefined
      ? defaultPolicy(call.account)
      : checkPolicy(core, call, input.Policy, input.BypassPolicyLockoutSafetyCheck);
  const tags = addTags({}, input.Tags);
  return newKey(core, call, { description: input.Description ?? '', policy, manager: 'CUSTOMER', tags });
}

function checkPolicyName(name: string | undefined): void {
  if (name !== undefined && name !== 'default') throw notFound(`No such policy exists: ${name}`);
}

const metadata = (row: KeyRow) => ({
  AWSAccountId: row.arn.split(':')[4],
  KeyId: row.id,
  Arn: row.arn,
  CreationDate: new Date(row.createdAt),
  Enabled: row.state === 'Enabled',
  Description: row.description,
  KeyUsage: 'ENCRYPT_DECRYPT' as const,
  KeyState: row.state,
  ...(row.deletionAt === undefined
    ? {}
    : { DeletionDate: new Date(row.deletionAt), PendingDeletionWindowInDays: row.pendingDays }),
  Origin: 'AWS_KMS' as const,
  KeyManager: row.manager,
  CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' as const,
  KeySpec: 'SYMMETRIC_DEFAULT' as const,
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT' as const],
  MultiRegion: false,
});

/** Rotation changes nothing a caller can see but the date: old ciphertexts stay readable. */
function rotationStatus(core: SandboxCore, row: KeyRow) {
  const { rotation } = row;
  if (rotation === undefined) return { KeyRotationEnabled: false, KeyId: row.arn };
  const period = rotation.days * day;
  const rotations = Math.floor((core.clock.now() - rotation.since) / period) + 1;
  return {
    KeyRotationEnabled: row.state !== 'PendingDeletion',
    KeyId: row.arn,
    RotationPeriodInDays: rotation.days,
    NextRotationDate: new Date(rotation.since + rotations * period),
  };
}
