/** Secrets: created, described, changed, deleted and restored. */

import type {
  CreateSecretCommandInput,
  DeleteSecretCommandInput,
  DescribeSecretCommandInput,
  RestoreSecretCommandInput,
  UpdateSecretCommandInput,
} from '@aws-sdk/client-secrets-manager';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { requestTagKeys } from '../iam/tags.ts';
import { askOnKeyOf, askOnSecret, askOnSecretKey, newArn, onSecret } from './asks.ts';
import { alreadyExists, invalidParameter, invalidRequest, required, unsupported } from './errors.ts';
import { find, refuseReplica, secretOf, writable } from './find.ts';
import { replicationStatus, summary } from './output.ts';
import { newReplicas } from './replica-regions.ts';
import type { Replication } from './replication.ts';
import type { SecretRow } from './rows.ts';
import { secrets } from './rows.ts';
import { tagged } from './tags.ts';
import { newVersion, resealed, stagesById, valueIn, withVersion } from './versions.ts';

const day = 86_400_000;

export function secretOperations(core: SandboxCore, replication: Replication): Record<string, AnyOperation> {
  /** Keeps a changed secret and sends it to its replicas. */
  const keep = (region: string, row: SecretRow): SecretRow => {
    secrets(core, region).put(row.name, row);
    replication.push(region, row);
    return row;
  };
  return {
    CreateSecret: operation(
      async (input: CreateSecretCommandInput, call) => {
        const row = keep(call.region, await createSecret(core, input, call));
        const [version] = Object.keys(row.versions);
        return {
          ARN: row.arn,
          Name: row.name,
          ...(version === undefined ? {} : { VersionId: version }),
          ...(row.replicas.length === 0 ? {} : { ReplicationStatus: replicationStatus(row) }),
        };
      },
      (input, call) => {
        const arn = newArn(call, input.Name ?? '', '??????');
        return [
          {
            action: 'secretsmanager:CreateSecret',
            resource: arn,
            context: {
              'secretsmanager:Name': input.Name ?? '',
              ...(input.KmsKeyId === undefined ? {} : { 'secretsmanager:KmsKeyId': input.KmsKeyId }),
              ...(input.AddReplicaRegions === undefined
                ? {}
                : { 'secretsmanager:AddReplicaRegions': input.AddReplicaRegions.map(({ Region = '' }) => Region) }),
              ...requestTagKeys(input.Tags),
            },
          },
          ...(input.Tags === undefined || input.Tags.length === 0
            ? []
            : [{ action: 'secretsmanager:TagResource', resource: arn, context: requestTagKeys(input.Tags) }]),
          ...askOnSecretKey(core, call, ['GenerateDataKey', 'Decrypt'], input.KmsKeyId, arn),
        ];
      },
    ),
    DescribeSecret: operation(
      (input: DescribeSecretCommandInput, call) => {
        const row = secretOf(core, call, input.SecretId);
        return {
          ...summary(row),
          VersionIdsToStages: stagesById(row),
          ...(row.replicas.length === 0 ? {} : { ReplicationStatus: replicationStatus(row) }),
        };
      },
      onSecret(core, 'DescribeSecret'),
    ),
    UpdateSecret: operation(
      async (input: UpdateSecretCommandInput, call) => {
        if (input.Type !== undefined) throw unsupported('Type (managed external secrets)');
        const before = writable(core, call, input.SecretId);
        const kmsKeyId = input.KmsKeyId ?? before.kmsKeyId;
        const value = valueIn(input);
        const token = input.ClientRequestToken ?? core.ids.uuid();
        // What takes time comes first; the change itself is one step, on the secret as it is by then.
        const moved =
          kmsKeyId === undefined || kmsKeyId === before.kmsKeyId
            ? {}
            : await resealed(core, call.region, before, kmsKeyId);
        const version =
          value === undefined ? undefined : await newVersion(core, call.region, { ...before, kmsKeyId }, value, token);
        const now = writable(core, call, before.arn);
        const changed: SecretRow = {
          ...now,
          description: input.Description ?? now.description,
          kmsKeyId,
          versions: { ...now.versions, ...moved },
          changedAt: core.clock.now(),
        };
        const row = keep(call.region, withVersion(changed, version));
        return { ARN: row.arn, Name: row.name, ...(value === undefined ? {} : { VersionId: token }) };
      },
      (input, call) => [
        askOnSecret(core, call, 'UpdateSecret', input.SecretId),
        ...(input.KmsKeyId === undefined
          ? askOnKeyOf(core, call, ['GenerateDataKey', 'Decrypt'], input.SecretId)
          : askOnSecretKey(
              core,
              call,
              ['GenerateDataKey', 'Decrypt'],
              input.KmsKeyId,
              find(core, call, input.SecretId)?.arn ?? '',
            )),
      ],
    ),
    DeleteSecret: operation(
      (input: DeleteSecretCommandInput, call) => deleteSecret(core, input, call),
      (input, call) => [
        askOnSecret(core, call, 'DeleteSecret', input.SecretId, {
          'secretsmanager:ForceDeleteWithoutRecovery': String(input.ForceDeleteWithoutRecovery === true),
          ...(input.RecoveryWindowInDays === undefined
            ? {}
            : { 'secretsmanager:RecoveryWindowInDays': String(input.RecoveryWindowInDays) }),
        }),
      ],
    ),
    RestoreSecret: operation(
      (input: RestoreSecretCommandInput, call) => {
        const row = secretOf(core, call, input.SecretId);
        refuseReplica(call, row);
        keep(call.region, { ...row, deletedAt: undefined, deletionAt: undefined });
        return { ARN: row.arn, Name: row.name };
      },
      onSecret(core, 'RestoreSecret'),
    ),
  };
}

async function createSecret(core: SandboxCore, input: CreateSecretCommandInput, call: Call): Promise<SecretRow> {
  if (input.Type !== undefined) throw unsupported('Type (managed external secrets)');
  const name = required(input.Name, 'Name');
  if (!/^[\w/+=.@-]{1,512}$/.test(name)) {
    throw invalidParameter(
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
  }
  const known = find(core, call, name);
  if (known?.deletedAt !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const token = input.ClientRequestToken ?? core.ids.uuid();
  // The same request again answers the same secret; another one under its name doesn't.
  const repeated = known?.versions[token] !== undefined;
  if (known !== undefined && !repeated) {
    throw alreadyExists(`The operation failed because the secret ${name} already exists.`);
  }
  const now = core.clock.now();
  const replicas = newReplicas(core, call, input.AddReplicaRegions, input.ForceOverwriteReplicaSecret);
  const row: SecretRow = known ?? {
    name,
    arn: newArn(call, name, core.ids.hex(6)),
    description: input.Description,
    kmsKeyId: input.KmsKeyId,
    tags: tagged({}, input.Tags),
    versions: {},
    createdAt: now,
    changedAt: now,
    primaryRegion: replicas.length === 0 ? undefined : call.region,
    replicas,
  };
  const value = valueIn(input);
  return value === undefined ? row : withVersion(row, await newVersion(core, call.region, row, value, token));
}

function deleteSecret(core: SandboxCore, input: DeleteSecretCommandInput, call: Call) {
  const { RecoveryWindowInDays: window, ForceDeleteWithoutRecovery: force } = input;
  if (force === true && window !== undefined) {
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  const days = window ?? 30;
  if (days < 7 || days > 30)
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  const row = secretOf(core, call, input.SecretId);
  refuseReplica(call, row);
  if (row.deletedAt !== undefined && force !== true) {
    throw invalidRequest(
      "You can't perform this operation on the secret because it was already scheduled for deletion.",
    );
  }
  if (row.replicas.length > 0) {
    const places = row.replicas.map(({ region }) => region).join(', ');
    throw invalidRequest(`You can't delete secret ${row.name} that still has replica regions [${places}]`);
  }
  const now = core.clock.now();
  const deletionAt = force === true ? now : now + days * day;
  if (force === true) secrets(core, call.region).delete(row.name);
  else secrets(core, call.region).put(row.name, { ...row, deletedAt: now, deletionAt });
  return { ARN: row.arn, Name: row.name, DeletionDate: new Date(deletionAt) };
}
