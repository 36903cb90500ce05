/**
 * KMS keys of disks. EBS asks for a customer's key in the name of whoever launches or copies, only after the call was answered: what it
 * is refused shows as an instance that is terminated at launch, or as an image that failed.
 *
 * Sources: Amazon EBS User Guide, "Requirements for Amazon EBS encryption" and "How Amazon EBS encryption works"; EC2 API Reference,
 * CopyImage ("KmsKeyId is parsed asynchronously"); EC2 User Guide, "Instance terminates immediately".
 */

import type { DescribeKeyCommandOutput, EncryptCommandOutput } from '@aws-sdk/client-kms';
import { messageOf } from '../../../kernel/errors.ts';
import type { InternalRequest, SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';

/** Who asks, and through whom; absent for AWS itself, which isn't judged. */
export type Asker = Pick<InternalRequest, 'principal' | 'calledVia'> | undefined;

export interface DiskKey {
  readonly arn: string;
  /** Why the key can't be used; absent when it can. */
  readonly problem?: string;
}

/** A snapshot's key, as its row has it. */
export interface SnapshotKey {
  readonly region: string;
  readonly snapshotId: string;
  readonly key: string;
}

/** The key EBS uses when none is named. */
export const defaultKey = 'alias/aws/ebs';

/** A new disk under `key`, filled from a snapshot that may be under another. */
export async function keyForDisk(
  core: SandboxCore,
  asker: Asker,
  { region, key, diskId, from }: { region: string; key: string; diskId: string; from?: SnapshotKey | undefined },
): Promise<DiskKey> {
  const unresolved = arnFor(core, region, key);
  const who = asker ?? { principal: core.as('ec2') };
  try {
    if (key.startsWith('arn:') && key.split(':')[3] !== region) throw new Error(`${key} isn't a key of ${region}`);
    const arn = await enabledKey(core, who, region, key);
    const context = { 'aws:ebs:id': diskId };
    const ask = (operation: string, input: object, where = region) =>
      core.invoke<EncryptCommandOutput>({ service: 'kms', operation, region: where, input, ...who });
    const made = { KeyId: arn, EncryptionContext: context, NumberOfBytes: 64 };
    const { CiphertextBlob } = await ask('GenerateDataKeyWithoutPlaintext', made);
    await ask('Decrypt', { CiphertextBlob, EncryptionContext: context });
    if (from !== undefined) await openSnapshot(core, ask, { ...from, to: arn, region: from.region });
    await ask('CreateGrant', { KeyId: arn, ...grant });
    return { arn };
  } catch (error) {
    // A sandbox put together without KMS takes the caller's word.
    if (codeOf(error) === 'UnsupportedOperation') return { arn: unresolved };
    return { arn: unresolved, problem: messageOf(error) };
  }
}

async function enabledKey(core: SandboxCore, who: NonNullable<Asker>, region: string, KeyId: string): Promise<string> {
  const { KeyMetadata: metadata } = await core.invoke<Partial<DescribeKeyCommandOutput>>({
    service: 'kms',
    operation: 'DescribeKey',
    region,
    input: { KeyId },
    ...who,
  });
  if (metadata?.Arn === undefined || metadata.KeyState !== 'Enabled') {
    throw new Error(`The key ${KeyId} is ${metadata?.KeyState ?? 'unknown'}.`);
  }
  return metadata.Arn;
}

/** The same key needs nothing more; another of the Region re-encrypts the snapshot's data key, another Region's is opened where it is. */
async function openSnapshot(
  core: SandboxCore,
  ask: (operation: string, input: object, region: string) => Promise<unknown>,
  { region, snapshotId, key, to }: SnapshotKey & { readonly to: string },
): Promise<void> {
  if (key === to) return;
  const context = { 'aws:ebs:id': snapshotId };
  const { CiphertextBlob } = await core.invoke<EncryptCommandOutput>({
    service: 'kms',
    operation: 'Encrypt',
    region,
    input: { KeyId: key, Plaintext: Buffer.alloc(64, 1), EncryptionContext: context },
    principal: core.as('ec2'),
  });
  const isHere = to.split(':')[3] === region;
  if (isHere) {
    await ask(
      'ReEncrypt',
      { CiphertextBlob, SourceEncryptionContext: context, DestinationKeyId: to, DestinationEncryptionContext: context },
      region,
    );
  } else await ask('Decrypt', { CiphertextBlob, EncryptionContext: context }, region);
}

/** The same one for every disk of a key: its name makes the request repeatable. */
const grant = {
  Name: 'ebs',
  GranteePrincipal: 'ec2.amazonaws.com',
  RetiringPrincipal: 'ec2.amazonaws.com',
  Operations: ['Decrypt', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo', 'DescribeKey'],
};

const arnFor = (core: SandboxCore, region: string, key: string): string =>
  key.startsWith('arn:')
    ? key
    : `arn:aws:kms:${region}:${core.account}:${key.startsWith('alias/') ? key : `key/${key}`}`;
