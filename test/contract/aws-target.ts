/** The contract's target on AWS: the account of the environment's credentials, in two Regions. */

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { TargetHost } from './target-host.ts';

export async function awsHost(): Promise<TargetHost> {
  const region = process.env.PILOT_LIGHT_CONTRACT_REGION ?? 'us-east-1';
  const sts = new STSClient({ region });
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  if (Account === undefined) throw new Error('AWS names no account for the credentials of the environment.');
  return {
    kind: 'aws',
    account: Account,
    region,
    otherRegion: process.env.PILOT_LIGHT_CONTRACT_OTHER_REGION ?? 'us-west-2',
    endpoint: undefined,
    settings: {},
    waiting: { maxWaitTime: 3600, minDelay: 5, maxDelay: 30 },
    patience: { attempts: 60, pause: 2000 },
    close: async () => {},
  };
}
