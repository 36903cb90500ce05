/**
 * The passwords of the database's accounts, as secrets of one Region. A replica of a secret can be read and not changed: where the
 * database is written its passwords must be changeable without the Region they came from.
 */

import type { DescribeSecretCommandOutput } from '@aws-sdk/client-secrets-manager';
import type { Clients } from '../../aws/clients.ts';

interface SecretStanding {
  /** The Region it is changed in, where it is another one's replica or has replicas of its own. */
  readonly primaryRegion: string | undefined;
  /** The id of the current value: replicas have the same. */
  readonly current: string | undefined;
  /** How it is replicated, by Region: `InSync`, `InProgress`, `Failed`. */
  readonly replicas: Readonly<Record<string, string>>;
}

export interface Secrets {
  describe(name: string): Promise<SecretStanding>;
  /** Makes a replica a secret of its own. It is asked in the replica's Region, and needs no other. */
  release(name: string): Promise<void>;
  /** The value, and its id. */
  read(name: string): Promise<{ readonly value: string; readonly id: string }>;
  /** Written again under the same id, nothing happens. Source: Secrets Manager API Reference, PutSecretValue. */
  write(name: string, value: string, id: string): Promise<void>;
  /** Over whatever stands there under that name. */
  replicateTo(name: string, region: string): Promise<void>;
  stopReplicatingTo(name: string, region: string): Promise<void>;
}

export function secretsOf(clients: Clients): Secrets {
  return {
    async describe(name) {
      const { DescribeSecretCommand } = await import('@aws-sdk/client-secrets-manager');
      return standingOf(await (await clients.secrets()).send(new DescribeSecretCommand({ SecretId: name })));
    },
    async release(name) {
      const { StopReplicationToReplicaCommand } = await import('@aws-sdk/client-secrets-manager');
      await (await clients.secrets()).send(new StopReplicationToReplicaCommand({ SecretId: name }));
    },
    async read(name) {
      const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
      const { SecretString = '', VersionId = '' } = await (await clients.secrets()).send(
        new GetSecretValueCommand({ SecretId: name }),
      );
      return { value: SecretString, id: VersionId };
    },
    async write(name, value, id) {
      const { PutSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
      const put = new PutSecretValueCommand({ SecretId: name, SecretString: value, ClientRequestToken: id });
      await (await clients.secrets()).send(put);
    },
    async replicateTo(name, region) {
      const { ReplicateSecretToRegionsCommand } = await import('@aws-sdk/client-secrets-manager');
      const command = new ReplicateSecretToRegionsCommand({
        SecretId: name,
        AddReplicaRegions: [{ Region: region }],
        ForceOverwriteReplicaSecret: true,
      });
      await (await clients.secrets()).send(command);
    },
    async stopReplicatingTo(name, region) {
      const { RemoveRegionsFromReplicationCommand } = await import('@aws-sdk/client-secrets-manager');
      const command = new RemoveRegionsFromReplicationCommand({ SecretId: name, RemoveReplicaRegions: [region] });
      await (await clients.secrets()).send(command);
    },
  };
}

function standingOf({
  PrimaryRegion,
  ReplicationStatus = [],
  VersionIdsToStages = {},
}: DescribeSecretCommandOutput): SecretStanding {
  const current = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT'));
  return {
    primaryRegion: PrimaryRegion,
    current: current?.[0],
    replicas: Object.fromEntries(ReplicationStatus.map(({ Region = '', Status = '' }) => [Region, Status])),
  };
}
