/** What Secrets Manager asks IAM: about the secret, and about its key when that is a customer's. */

import type { Ask, Call, SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { resourceTagKeys } from '../iam/tags.ts';
import { askOnKey, contextKeys } from '../kms/asks.ts';
import { find } from './find.ts';
import { managedKey } from './vault.ts';

interface OnSecret {
  readonly SecretId?: string | undefined;
}

/** The question about an existing secret. For one that isn't there, an ARN of its form: the name and six characters. */
export function askOnSecret(
  core: SandboxCore,
  call: Call,
  action: string,
  secretId: string | undefined,
  context: Ask['context'] = {},
): Ask {
  const row = find(core, call, secretId);
  return {
    action: `secretsmanager:${action}`,
    resource: row?.arn ?? (secretId?.startsWith('arn:') === true ? secretId : newArn(call, secretId ?? '', '??????')),
    context: {
      ...(secretId === undefined ? {} : { 'secretsmanager:SecretId': secretId }),
      ...(row?.primaryRegion === undefined ? {} : { 'secretsmanager:SecretPrimaryRegion': row.primaryRegion }),
      ...resourceTagKeys(row?.tags, 'secretsmanager'),
      ...context,
    },
  };
}

export const onSecret =
  (core: SandboxCore, action: string) =>
  (input: OnSecret, call: Call): Ask[] => [askOnSecret(core, call, action, input.SecretId)];

/** Secrets Manager uses the key in the caller's name. AWS's own key lets in everybody who came through the service. */
export function askOnSecretKey(
  core: SandboxCore,
  call: Call,
  actions: readonly ('Decrypt' | 'GenerateDataKey')[],
  kmsKeyId: string | undefined,
  arn: string,
): Ask[] {
  if (kmsKeyId === undefined || kmsKeyId.endsWith(managedKey)) return [];
  try {
    return actions.map((action) =>
      askOnKey(core, call, action, kmsKeyId, {
        'kms:ViaService': `secretsmanager.${call.region}.amazonaws.com`,
        ...contextKeys({ SecretARN: arn }),
      }),
    );
  } catch (error) {
    // A key that isn't there is the operation's own failure to report.
    if (codeOf(error) === 'NotFoundException') return [];
    throw error;
  }
}

/** The same for a secret that exists, by its own key. */
export function askOnKeyOf(
  core: SandboxCore,
  call: Call,
  actions: readonly ('Decrypt' | 'GenerateDataKey')[],
  secretId: string | undefined,
): Ask[] {
  const row = find(core, call, secretId);
  return row === undefined ? [] : askOnSecretKey(core, call, actions, row.kmsKeyId, row.arn);
}

export const newArn = ({ account, region }: Pick<Call, 'account' | 'region'>, name: string, suffix: string): string =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`;
