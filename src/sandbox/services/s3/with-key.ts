/**
 * Writes that a customer's key encrypts. The key may be named by an alias or come from the bucket, and IAM is asked about its ARN:
 * so the key is found first, and the operation then takes the door again, carrying what was found, and is judged with it.
 */

import type { Call } from '../../contract.ts';
import { sameCaller } from '../../contract.ts';
import type { S3Context } from './context.ts';
import type { EncryptionInput } from './encryption.ts';
import { resolve, wanted } from './encryption.ts';
import type { Inward } from './inward.ts';
import { encryptAs } from './inward.ts';
import type { BucketRecord, Encryption } from './records.ts';

export async function withKey(
  s3: S3Context,
  operation: 'PutObject' | 'CopyObject' | 'CreateMultipartUpload',
  bucket: BucketRecord,
  input: EncryptionInput & Inward,
  call: Call,
  write: (encryption: Encryption) => Promise<object>,
): Promise<object> {
  const known = input[encryptAs];
  if (known !== undefined) return write(known);
  const encryption = await resolve(s3.core, call.region, wanted(input, bucket.encryption));
  if (encryption.algorithm === 'AES256' || encryption.managed === true) return write(encryption);
  return s3.core.invoke<object>({
    service: 's3',
    operation,
    region: call.region,
    input: { ...input, [encryptAs]: encryption },
    ...sameCaller(call),
  });
}
