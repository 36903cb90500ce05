/** Which key encrypts an object: what the writer asked for, else what the bucket says, else S3's own. */

import type { SandboxCore } from '../../contract.ts';
import { AwsError, codeOf } from '../../contract.ts';
import { invalidArgument } from './errors.ts';
import { present } from './members.ts';
import type { DefaultEncryption, Encryption } from './records.ts';

export interface EncryptionInput {
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
}

export const encryptionMembers = ['ServerSideEncryption', 'SSEKMSKeyId', 'BucketKeyEnabled'] as const;

/** What the request and the bucket ask for together; the key is still as it was written. */
export function wanted(input: EncryptionInput, byDefault: DefaultEncryption): DefaultEncryption {
  const algorithm = input.ServerSideEncryption;
  if (algorithm === undefined) {
    if (input.SSEKMSKeyId !== undefined) {
      throw invalidArgument(
        'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
        'x-amz-server-side-encryption',
        null,
      );
    }
    return byDefault;
  }
  if (algorithm === 'AES256') return { algorithm };
  if (algorithm !== 'aws:kms') {
    throw new AwsError('UnsupportedOperation', `The sandbox doesn't support ServerSideEncryption ${algorithm} in S3.`, {
      status: 501,
    });
  }
  const bucketKey = input.BucketKeyEnabled ?? byDefault.bucketKey;
  return present({ algorithm, key: input.SSEKMSKeyId ?? byDefault.key, bucketKey }) as DefaultEncryption;
}

/** Resolves the key to its ARN and checks that it can be used, as S3 does before it writes. */
export async function resolve(core: SandboxCore, region: string, asked: DefaultEncryption): Promise<Encryption> {
  if (asked.algorithm === 'AES256') return { algorithm: 'AES256' };
  const bucketKey = asked.bucketKey === true ? { bucketKey: true } : {};
  if (asked.key === undefined || asked.key.endsWith('alias/aws/s3')) {
    return {
      algorithm: 'aws:kms',
      key: `arn:aws:kms:${region}:${core.account}:alias/aws/s3`,
      managed: true,
      ...bucketKey,
    };
  }
  return { algorithm: 'aws:kms', key: await usableKey(core, region, asked.key), ...bucketKey };
}

/** The ARN of an enabled key. Throws as S3 passes on KMS's refusals. */
async function usableKey(core: SandboxCore, region: string, key: string): Promise<string> {
  const arnRegion = key.startsWith('arn:') ? key.split(':')[3] : region;
  if (arnRegion !== region) {
    throw new AwsError('KMS.NotFoundException', `Invalid arn ${arnRegion}`, { status: 400 });
  }
  const { KeyMetadata: metadata } = await core
    .invoke<{ KeyMetadata?: { Arn?: string; KeyState?: string } }>({
      service: 'kms',
      operation: 'DescribeKey',
      region,
      input: { KeyId: key },
      principal: core.as('s3'),
    })
    .catch((error: unknown) => {
      throw new AwsError(`KMS.${codeOf(error) ?? 'InternalException'}`, String((error as Error).message), {
        status: 400,
      });
    });
  if (metadata?.Arn === undefined) throw new AwsError('KMS.NotFoundException', `Key '${key}' does not exist`);
  if (metadata.KeyState !== undefined && metadata.KeyState !== 'Enabled') {
    const [code, state] =
      metadata.KeyState === 'Disabled'
        ? ['KMS.DisabledException', 'disabled']
        : ['KMS.KMSInvalidStateException', `pending deletion`];
    throw new AwsError(code, `${metadata.Arn} is ${state}.`, { status: 400 });
  }
  return metadata.Arn;
}

/** Before a read: the key must still be usable. */
export async function checkReadable(core: SandboxCore, region: string, encryption: Encryption): Promise<void> {
  if (encryption.algorithm !== 'aws:kms' || encryption.managed === true || encryption.key === undefined) return;
  await usableKey(core, region, encryption.key);
}

/** The members of an answer that say how an object is encrypted. */
export const encryptionOutput = (encryption: Encryption) =>
  present({
    ServerSideEncryption: encryption.algorithm,
    SSEKMSKeyId: encryption.key,
    BucketKeyEnabled: encryption.bucketKey,
  });
