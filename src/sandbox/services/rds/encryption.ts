/** Which key an instance or snapshot is encrypted with. Keys are Regional, so a copy in another Region needs one of its own. */

import { AwsError, type Call, codeOf, inNameOf, type SandboxCore } from '../../contract.ts';
import { invalidCombination } from './errors.ts';

export interface Encryption {
  readonly encrypted: boolean;
  readonly kmsKeyId: string | undefined;
}

export async function newEncryption(
  core: SandboxCore,
  call: Call,
  input: { readonly StorageEncrypted?: boolean | undefined; readonly KmsKeyId?: string | undefined },
): Promise<Encryption> {
  if (input.KmsKeyId !== undefined && input.StorageEncrypted !== true) {
    throw invalidCombination('KmsKeyId can be given only with StorageEncrypted.');
  }
  if (input.StorageEncrypted !== true) return { encrypted: false, kmsKeyId: undefined };
  const kmsKeyId = input.KmsKeyId === undefined ? managedKey(core, call) : await keyArn(core, call, input.KmsKeyId);
  return { encrypted: true, kmsKeyId };
}

/**
 * A replica is encrypted exactly when its source is, in the same Region under the same key. A snapshot's copy may be encrypted anew: that is
 * the way from an unencrypted database to an encrypted one.
 *
 * Source: RDS User Guide, "Limitations of Amazon RDS encrypted DB instances".
 */
export async function copiedEncryption(
  core: SandboxCore,
  call: Call,
  source: Encryption & { readonly region: string },
  kmsKeyId: string | undefined,
  what: 'read replica' | 'snapshot',
): Promise<Encryption> {
  if (!source.encrypted) {
    if (kmsKeyId === undefined) return { encrypted: false, kmsKeyId: undefined };
    if (what === 'snapshot') return { encrypted: true, kmsKeyId: await keyArn(core, call, kmsKeyId) };
    throw invalidCombination(
      "You can't create an encrypted read replica from an unencrypted source. Copy a snapshot with a key, and restore it.",
    );
  }
  if (kmsKeyId !== undefined) {
    const key = await keyArn(core, call, kmsKeyId);
    if (what === 'snapshot' || source.region !== call.region || key === source.kmsKeyId) {
      return { encrypted: true, kmsKeyId: key };
    }
    throw invalidCombination('An encrypted read replica in the Region of its source has the key of its source.');
  }
  if (source.region === call.region) return { encrypted: true, kmsKeyId: source.kmsKeyId };
  throw invalidCombination(
    `Cannot create a cross region ${what} from an encrypted source without a KmsKeyId of ${call.region}.`,
  );
}

/** AWS's own key for RDS, which everybody in the account may use. */
const managedKey = (core: SandboxCore, { region }: Call): string =>
  `arn:aws:kms:${region}:${core.account}:alias/aws/rds`;

/**
 * Both calls are made in the caller's name: whoever has RDS use a key must be allowed to see it, and to grant its use to RDS.
 * Source: RDS User Guide, "AWS KMS key management".
 */
async function keyArn(core: SandboxCore, call: Call, key: string): Promise<string> {
  if (key.startsWith('arn:') && key.split(':')[3] !== call.region) throw notAccessible(key);
  const kms = <Output>(operation: string, input: object): Promise<Output> =>
    core.invoke<Output>({ service: 'kms', operation, region: call.region, input, ...inNameOf(call, 'rds') });
  try {
    const answer = await kms<{ KeyMetadata?: { Arn?: string; KeyState?: string } }>('DescribeKey', { KeyId: key });
    const { Arn: arn, KeyState: state } = answer.KeyMetadata ?? {};
    if (arn === undefined || state !== 'Enabled') throw notAccessible(key);
    await kms('CreateGrant', { KeyId: arn, GranteePrincipal: 'rds.amazonaws.com', ...grant });
    return arn;
  } catch (error) {
    // A sandbox put together without KMS takes the caller's word.
    if (codeOf(error) === 'UnsupportedOperation') return key;
    throw codeOf(error) === 'KMSKeyNotAccessibleFault' ? error : notAccessible(key);
  }
}

/** The same one for every database of a key: its name makes the request repeatable. */
const grant = {
  Name: 'rds',
  RetiringPrincipal: 'rds.amazonaws.com',
  Operations: ['Decrypt', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'DescribeKey'],
};

const notAccessible = (key: string): AwsError =>
  new AwsError(
    'KMSKeyNotAccessibleFault',
    `The specified KMS key [${key}] does not exist, is not enabled or you do not have permissions to access it.`,
  );
