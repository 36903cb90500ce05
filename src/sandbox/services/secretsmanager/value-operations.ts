/** Values: put, read, and made up. */

import type {
  GetRandomPasswordCommandInput,
  GetSecretValueCommandInput,
  PutSecretValueCommandInput,
} from '@aws-sdk/client-secrets-manager';
import type { AnyOperation, Ask, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { askOnKeyOf, askOnSecret } from './asks.ts';
import { invalidParameter, unsupported } from './errors.ts';
import { readable, writable } from './find.ts';
import { randomPassword } from './random-password.ts';
import type { Replication } from './replication.ts';
import { secrets } from './rows.ts';
import { newVersion, openVersion, valueIn, versionOf, withVersion } from './versions.ts';

const day = 86_400_000;

export function valueOperations(core: SandboxCore, replication: Replication): Record<string, AnyOperation> {
  return {
    GetSecretValue: operation(
      async (input: GetSecretValueCommandInput, call) => {
        const row = readable(core, call, input.SecretId);
        const version = versionOf(row, input);
        const value = await openVersion(core, call.region, row, version);
        // AWS records the day only.
        const today = Math.floor(core.clock.now() / day) * day;
        if (row.accessedAt !== today) {
          secrets(core, call.region).update(row.name, (now) => ({ ...now, accessedAt: today }));
        }
        return {
          ARN: row.arn,
          Name: row.name,
          VersionId: version.id,
          ...(version.kind === 'text' ? { SecretString: value.toString() } : { SecretBinary: new Uint8Array(value) }),
          VersionStages: [...version.stages],
          CreatedDate: new Date(version.createdAt),
        };
      },
      (input, call) => [
        askOnSecret(core, call, 'GetSecretValue', input.SecretId, versionKeys(input)),
        ...askOnKeyOf(core, call, ['Decrypt'], input.SecretId),
      ],
    ),
    PutSecretValue: operation(
      async (input: PutSecretValueCommandInput, call) => {
        if (input.RotationToken !== undefined) throw unsupported('RotationToken');
        const value = valueIn(input);
        if (value === undefined) {
          throw invalidParameter('You must provide either SecretString or SecretBinary.');
        }
        const token = input.ClientRequestToken ?? core.ids.uuid();
        const before = writable(core, call, input.SecretId);
        const version = await newVersion(core, call.region, before, value, token);
        const now = writable(core, call, before.arn);
        const row = secrets(core, call.region).put(now.name, withVersion(now, version, input.VersionStages));
        if (row !== now) replication.push(call.region, row);
        const stages = row.versions[token]?.stages ?? [];
        return { ARN: row.arn, Name: row.name, VersionId: token, VersionStages: [...stages] };
      },
      (input, call) => [
        askOnSecret(core, call, 'PutSecretValue', input.SecretId),
        ...askOnKeyOf(core, call, ['GenerateDataKey', 'Decrypt'], input.SecretId),
      ],
    ),
    GetRandomPassword: operation((input: GetRandomPasswordCommandInput) => ({
      RandomPassword: randomPassword(core.random, input),
    })),
  };
}

const versionKeys = ({
  VersionId: id,
  VersionStage: stage,
}: GetSecretValueCommandInput): NonNullable<Ask['context']> => ({
  ...(id === undefined ? {} : { 'secretsmanager:VersionId': id }),
  'secretsmanager:VersionStage': stage ?? 'AWSCURRENT',
});
