/** Which Regions a secret is replicated to. */

import type {
  RemoveRegionsFromReplicationCommandInput,
  ReplicaRegionType,
  ReplicateSecretToRegionsCommandInput,
  StopReplicationToReplicaCommandInput,
} from '@aws-sdk/client-secrets-manager';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { askOnSecret, onSecret } from './asks.ts';
import { invalidParameter, invalidRequest, required } from './errors.ts';
import { isReplica, readable, writable } from './find.ts';
import { replicationStatus } from './output.ts';
import type { Replication } from './replication.ts';
import type { ReplicaRow, SecretRow } from './rows.ts';
import { secrets } from './rows.ts';

export function replicaOperations(core: SandboxCore, replication: Replication): Record<string, AnyOperation> {
  return {
    ReplicateSecretToRegions: operation(
      (input: ReplicateSecretToRegionsCommandInput, call) => {
        const row = writable(core, call, input.SecretId);
        const added = newReplicas(core, call, input.AddReplicaRegions, input.ForceOverwriteReplicaSecret);
        const twice = added.find(({ region }) => row.replicas.some((one) => one.region === region));
        if (twice !== undefined) throw invalidParameter(`Secret ${row.name} is already replicated to ${twice.region}.`);
        const changed = { ...row, primaryRegion: call.region, replicas: [...row.replicas, ...added] };
        secrets(core, call.region).put(row.name, changed);
        replication.push(call.region, changed);
        return { ARN: row.arn, ReplicationStatus: replicationStatus(changed) };
      },
      (input, call) => [
        askOnSecret(core, call, 'ReplicateSecretToRegions', input.SecretId, {
          'secretsmanager:AddReplicaRegions': (input.AddReplicaRegions ?? []).map(({ Region = '' }) => Region),
        }),
      ],
    ),
    RemoveRegionsFromReplication: operation(
      (input: RemoveRegionsFromReplicationCommandInput, call) => {
        const row = writable(core, call, input.SecretId);
        const removed = required(input.RemoveReplicaRegions, 'RemoveReplicaRegions');
        const unknown = removed.find((region) => !row.replicas.some((one) => one.region === region));
        if (unknown !== undefined) throw invalidParameter(`Secret ${row.name} is not replicated to ${unknown}.`);
        const replicas = row.replicas.filter(({ region }) => !removed.includes(region));
        const primaryRegion = replicas.length === 0 ? undefined : call.region;
        const changed = secrets(core, call.region).put(row.name, { ...row, replicas, primaryRegion });
        for (const region of removed) replication.drop(call.region, changed, region);
        return { ARN: row.arn, ReplicationStatus: replicationStatus(changed) };
      },
      onSecret(core, 'RemoveRegionsFromReplication'),
    ),
    /** Called in the replica's Region: the way to a writable secret when the primary is lost. */
    StopReplicationToReplica: operation(
      (input: StopReplicationToReplicaCommandInput, call) => {
        const row = readable(core, call, input.SecretId);
        if (!isReplica(call, row)) throw invalidRequest(`Secret ${row.name} is not a replica.`);
        secrets(core, call.region).put(row.name, { ...row, primaryRegion: undefined });
        forget(core, call, row);
        return { ARN: row.arn };
      },
      onSecret(core, 'StopReplicationToReplica'),
    ),
  };
}

/** The replicas asked for, not yet made. Throws for the secret's own Region and for Regions the sandbox doesn't have. */
export function newReplicas(
  core: SandboxCore,
  { region }: Call,
  asked: readonly ReplicaRegionType[] | undefined,
  overwrite = false,
): ReplicaRow[] {
  return (asked ?? []).map(({ Region, KmsKeyId }) => {
    const to = required(Region, 'Region');
    if (to === region) throw invalidParameter(`Invalid replica region ${to}: it is the secret's own.`);
    if (!core.regions.includes(to)) {
      throw invalidParameter(`Invalid replica region ${to}: this sandbox has ${core.regions.join(', ')}.`);
    }
    return { region: to, kmsKeyId: KmsKeyId, status: 'InProgress', overwrite };
  });
}

/** A primary that can be reached stops listing the replica; another finds a secret of its own standing there. */
function forget(core: SandboxCore, { region }: Call, { name, primaryRegion = '' }: SecretRow): void {
  if (!core.network.reachable(region, primaryRegion)) return;
  secrets(core, primaryRegion).update(name, (primary) => {
    const replicas = primary.replicas.filter((one) => one.region !== region);
    return { ...primary, replicas, primaryRegion: replicas.length === 0 ? undefined : primary.primaryRegion };
  });
}
