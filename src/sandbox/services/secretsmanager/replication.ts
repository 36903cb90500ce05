/**
 * Replicas: read-only copies in other Regions, each under that Region's own key.
 *
 *  1. The primary Region pushes, on its own clock: while it is dark nothing moves, and what it hadn't pushed is missing elsewhere.
 *  2. A push carries the secret as it is when the push arrives; a Region that can't be reached gets it once it can.
 *  3. A replica is readable whatever happens to its primary; only its primary, or stopping replication, changes that.
 */

import { messageOf } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import type { ReplicaRow, SecretRow, VersionRow } from './rows.ts';
import { secrets } from './rows.ts';
import { seal } from './vault.ts';
import { openVersion, slotOf } from './versions.ts';

/** AWS publishes no figure for replication; a change is seen elsewhere within seconds. Engineering estimate. */
const replicationDelay = 2000;
const retryDelay = 5000;

export interface Replication {
  /** Sends the secret, as it will be then, to all its replicas. */
  push(primary: string, row: SecretRow): void;
  /** Deletes a replica that its primary no longer lists, now or when its Region can be reached. */
  drop(primary: string, row: SecretRow, region: string): void;
  /** Sends again what an earlier life hadn't sent, and drops what it hadn't dropped. */
  resume(): void;
}

export function replicationOf(core: SandboxCore): Replication {
  /** Pushes that haven't begun: what changes meanwhile goes with them. */
  const waiting = new Set<string>();
  const after = (primary: string, delay: number, action: () => void): void => {
    core.region(primary).clock.after(delay, action);
  };
  const send = (primary: string, name: string, region: string, delay: number): void => {
    const key = `${primary} ${name} ${region}`;
    if (waiting.has(key)) return;
    waiting.add(key);
    after(primary, delay, () => {
      waiting.delete(key);
      if (!core.network.reachable(primary, region)) {
        send(primary, name, region, retryDelay);
        return;
      }
      copy(core, primary, name, region).then(
        (done) => {
          if (!done) send(primary, name, region, retryDelay);
        },
        (error: unknown) => {
          core.log({ service: 'secretsmanager', region: primary, text: `replicating ${name} to ${region}`, error });
          settle(core, primary, name, region, { status: 'Failed', message: messageOf(error) });
        },
      );
    });
  };
  const drop: Replication['drop'] = (primary, row, region) => {
    if (!core.network.reachable(primary, region)) {
      after(primary, retryDelay, () => drop(primary, row, region));
      return;
    }
    const wanted = secrets(core, primary)
      .get(row.name)
      ?.replicas.some((one) => one.region === region);
    const replica = secrets(core, region).get(row.name);
    if (wanted !== true && replica?.arn === arnIn(row, region) && replica.primaryRegion === primary) {
      secrets(core, region).delete(row.name);
    }
  };
  return {
    push(primary, row) {
      for (const { region } of row.replicas) {
        settle(core, primary, row.name, region, { status: 'InProgress', message: undefined });
        send(primary, row.name, region, replicationDelay + core.network.delay(primary, region));
      }
    },
    drop,
    resume() {
      for (const region of core.regions) {
        for (const row of secrets(core, region).values()) {
          for (const replica of row.replicas) {
            if (replica.status === 'InProgress') send(region, row.name, replica.region, replicationDelay);
          }
          const { primaryRegion: primary } = row;
          if (primary !== undefined && primary !== region) drop(primary, { ...row, arn: arnIn(row, primary) }, region);
        }
      }
    },
  };
}

/** False when it has to be sent again: a Region went dark, or the secret changed, while the value was under way. */
async function copy(core: SandboxCore, primary: string, name: string, region: string): Promise<boolean> {
  const row = secrets(core, primary).get(name);
  const listed = row?.replicas.find((one) => one.region === region);
  if (row === undefined || listed === undefined) return true;
  const there = secrets(core, region).get(name);
  const isOurs = there?.arn === arnIn(row, region) && there.primaryRegion === primary;
  if (there !== undefined && !isOurs && !listed.overwrite) {
    const message = `Replication failed: Secret name ${name} already exists in region ${region}.`;
    settle(core, primary, name, region, { status: 'Failed', message });
    return true;
  }
  const replica = { ...row, arn: arnIn(row, region), kmsKeyId: listed.kmsKeyId, primaryRegion: primary, replicas: [] };
  const versions: Record<string, VersionRow> = {};
  for (const version of Object.values(row.versions)) {
    // A value never changes under its id: only what isn't there yet is encrypted anew.
    const known = isOurs && there.kmsKeyId === listed.kmsKeyId ? there.versions[version.id] : undefined;
    const sealed =
      known?.sealed ??
      (await seal(core, slotOf(region, replica, version.id), await openVersion(core, primary, row, version)));
    versions[version.id] = { ...version, sealed };
  }
  if (!core.network.reachable(primary, region) || !isSame(secrets(core, primary).get(name), row, region)) return false;
  secrets(core, region).put(name, { ...replica, versions, accessedAt: there?.accessedAt });
  settle(core, primary, name, region, { status: 'InSync', message: undefined });
  return true;
}

/** Whether what is replicated is still the same: a secret's parts are replaced, never changed in place. */
const isSame = (now: SecretRow | undefined, row: SecretRow, region: string): boolean =>
  now?.versions === row.versions &&
  now.replicas.some((one) => one.region === region) &&
  now.tags === row.tags &&
  now.policy === row.policy &&
  now.description === row.description;

function settle(
  core: SandboxCore,
  primary: string,
  name: string,
  region: string,
  to: Pick<ReplicaRow, 'status' | 'message'>,
): void {
  secrets(core, primary).update(name, (row) => ({
    ...row,
    replicas: row.replicas.map((one) => (one.region === region ? { ...one, ...to } : one)),
  }));
}

const arnIn = ({ arn }: SecretRow, region: string): string => arn.split(':').with(3, region).join(':');
