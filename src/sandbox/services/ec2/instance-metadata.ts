/** What an instance's metadata service answers, from EC2's rows, and its role's credentials, from STS. */

import type { AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import type { SandboxCore } from '../../contract.ts';
import type { MetadataSource, RoleCredentials } from '../../instances/metadata-service.ts';
import { instanceOf } from './instance-lookup.ts';
import { roleOf } from './instance-profiles.ts';

/** Seconds: what a role allows unless it says otherwise. */
const credentialLife = 3600;

export function metadataOf(core: SandboxCore, region: string, instanceId: string): MetadataSource {
  let current: Promise<RoleCredentials> | undefined;
  let renewAt = Number.NEGATIVE_INFINITY;

  async function assume(): Promise<RoleCredentials> {
    const instance = instanceOf(core, region, instanceId);
    const role = roleOf(core, instance.profileArn);
    if (role === undefined) throw new Error(`${instanceId} has no role`);
    const issuedAt = core.clock.now();
    const { Credentials: issued } = await core.invoke<AssumeRoleCommandOutput>({
      service: 'sts',
      operation: 'AssumeRole',
      region,
      input: { RoleArn: role.arn, RoleSessionName: instanceId, DurationSeconds: credentialLife },
      principal: Object.assign(core.as('ec2'), {
        sessionKeys: {
          'ec2:SourceInstanceARN': `arn:aws:ec2:${region}:${core.account}:instance/${instanceId}`,
          'ec2:RoleDelivery': '2.0',
          'aws:Ec2InstanceSourceVpc': instance.vpcId,
          'aws:Ec2InstanceSourcePrivateIPv4': instance.privateAddress,
        },
      }),
    });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = issued ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration)
      throw new Error('STS answered no credentials');
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      issuedAt,
      expiresAt: Expiration.getTime(),
    };
  }

  return {
    facts() {
      const row = instanceOf(core, region, instanceId);
      return {
        region,
        zone: row.zone,
        instanceId,
        instanceType: row.instanceType,
        imageId: row.imageId,
        account: core.account,
        privateAddress: row.privateAddress,
        userData: row.userData,
        roleName: roleOf(core, row.profileArn)?.name,
        launchedAt: row.launchedAt,
      };
    },
    credentials() {
      if (current !== undefined && core.clock.now() < renewAt) return current;
      const issued = assume();
      current = issued;
      renewAt = Number.POSITIVE_INFINITY;
      issued.then(
        ({ issuedAt, expiresAt }) => {
          // Renewed halfway: a client that asks for new ones before the old end must get new ones.
          renewAt = (issuedAt + expiresAt) / 2;
        },
        () => {
          current = undefined;
        },
      );
      return issued;
    },
  };
}
