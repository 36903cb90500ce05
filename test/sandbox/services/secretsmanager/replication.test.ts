import type { DescribeSecretResponse } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { createKmsService } from '../../../../src/sandbox/services/kms/service.ts';
import { createSecretsManagerService } from '../../../../src/sandbox/services/secretsmanager/service.ts';
import type { GuardedSandbox } from '../iam/iam-sandbox.ts';
import { away, guardedSandbox, home, refusal } from '../iam/iam-sandbox.ts';

let sandbox: GuardedSandbox;
beforeEach(() => {
  sandbox = guardedSandbox([createKmsService, createSecretsManagerService]);
});

const sm = <Output = Record<string, unknown>>(operation: string, input: object = {}, region = home): Promise<Output> =>
  sandbox.as<Output>(undefined, 'secretsmanager', operation, { SecretId: 'dev/db', ...input }, region);

const create = (input: object = {}): Promise<unknown> =>
  sandbox.as(undefined, 'secretsmanager', 'CreateSecret', {
    Name: 'dev/db',
    SecretString: 'one',
    AddReplicaRegions: [{ Region: away }],
    ...input,
  });

const read = async (region: string): Promise<string> =>
  (await sm<{ SecretString: string }>('GetSecretValue', {}, region)).SecretString;

const status = async (): Promise<string | undefined> =>
  (await sm<DescribeSecretResponse>('DescribeSecret')).ReplicationStatus?.[0]?.Status;

const minute = 60_000;

describe('replicas', () => {
  it('follow their primary after a while, under an ARN and a key of their own Region', async () => {
    await create();
    expect(await status()).toBe('InProgress');
    expect(await refusal(read(away))).toMatch(/^ResourceNotFoundException/);
    await sandbox.clock.advance(minute);
    expect([await status(), await read(away)]).toEqual(['InSync', 'one']);
    const { ARN: primary } = await sm<DescribeSecretResponse>('DescribeSecret');
    const replica = await sm<DescribeSecretResponse>('DescribeSecret', {}, away);
    expect(replica.ARN).toBe(primary?.replace(home, away));
    expect(replica.PrimaryRegion).toBe(home);
    await sm('PutSecretValue', { SecretString: 'two' });
    expect(await read(away)).toBe('one');
    await sandbox.clock.advance(minute);
    expect(await read(away)).toBe('two');
    // The copy opens with its own Region's key alone.
    const keysHere = sandbox.core.table<{ id: string }>('kms', home, 'keys');
    for (const { id } of keysHere.values()) keysHere.delete(id);
    expect(await read(away)).toBe('two');
    expect(await refusal(read(home))).toMatch(/^DecryptionFailure/);
  });

  it('are read-only', async () => {
    await create();
    await sandbox.clock.advance(minute);
    for (const [operation, input] of [
      ['PutSecretValue', { SecretString: 'x' }],
      ['UpdateSecret', { Description: 'x' }],
      ['DeleteSecret', {}],
      ['TagResource', { Tags: [] }],
    ] as const) {
      expect(await refusal(sm(operation, input, away))).toMatch(/^InvalidRequestException: .*replica secret/);
    }
  });

  it('stay readable while the primary Region is dark; what it hadn’t sent comes on return', async () => {
    await create();
    await sandbox.clock.advance(minute);
    await sm('PutSecretValue', { SecretString: 'two' });
    sandbox.setDark(home, true);
    await sandbox.clock.advance(10 * minute);
    expect(await read(away)).toBe('one');
    sandbox.setDark(home, false);
    await sandbox.clock.advance(minute);
    expect(await read(away)).toBe('two');
  });

  it('a dark replica Region gets everything on its return', async () => {
    await create();
    await sandbox.clock.advance(minute);
    sandbox.setDark(away, true);
    await sm('PutSecretValue', { SecretString: 'two' });
    await sm('PutSecretValue', { SecretString: 'three' });
    await sandbox.clock.advance(10 * minute);
    expect(await status()).toBe('InProgress');
    sandbox.setDark(away, false);
    await sandbox.clock.advance(minute);
    expect([await status(), await read(away)]).toEqual(['InSync', 'three']);
  });

  it('fail where a secret of the name stands already, unless told to overwrite', async () => {
    await sandbox.as(undefined, 'secretsmanager', 'CreateSecret', { Name: 'dev/db', SecretString: 'other' }, away);
    await create();
    await sandbox.clock.advance(minute);
    expect([await status(), await read(away)]).toEqual(['Failed', 'other']);
    await sm('RemoveRegionsFromReplication', { RemoveReplicaRegions: [away] });
    expect(await read(away)).toBe('other');
    await sm('ReplicateSecretToRegions', { AddReplicaRegions: [{ Region: away }], ForceOverwriteReplicaSecret: true });
    await sandbox.clock.advance(minute);
    expect([await status(), await read(away)]).toEqual(['InSync', 'one']);
  });

  it('are taken away again, at once or when their Region is back; until then the primary stays', async () => {
    await create();
    await sandbox.clock.advance(minute);
    expect(await refusal(sm('DeleteSecret', { ForceDeleteWithoutRecovery: true }))).toBe(
      `InvalidRequestException: You can't delete secret dev/db that still has replica regions [${away}]`,
    );
    sandbox.setDark(away, true);
    await sm('RemoveRegionsFromReplication', { RemoveReplicaRegions: [away] });
    sandbox.setDark(away, false);
    expect(await read(away)).toBe('one');
    await sandbox.clock.advance(minute);
    expect(await refusal(read(away))).toMatch(/^ResourceNotFoundException/);
    await sm('DeleteSecret', { ForceDeleteWithoutRecovery: true });
  });

  it('become secrets of their own when replication is stopped, also with the primary dark', async () => {
    await create();
    await sandbox.clock.advance(minute);
    sandbox.setDark(home, true);
    await sm('StopReplicationToReplica', {}, away);
    await sm('PutSecretValue', { SecretString: 'mine' }, away);
    sandbox.setDark(home, false);
    await sm('PutSecretValue', { SecretString: 'two' });
    await sandbox.clock.advance(minute);
    expect([await status(), await read(away)]).toEqual(['Failed', 'mine']);
  });

  it('need a Region the sandbox has, and not the secret’s own', async () => {
    expect(await refusal(create({ AddReplicaRegions: [{ Region: home }] }))).toMatch(/^InvalidParameterException/);
    expect(await refusal(create({ AddReplicaRegions: [{ Region: 'eu-west-1' }] }))).toBe(
      `InvalidParameterException: Invalid replica region eu-west-1: this sandbox has ${home}, ${away}.`,
    );
  });
});
