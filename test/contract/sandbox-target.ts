/** The contract's target on this machine: one sandbox for the whole suite, on the wire, at a hundred times real time. */

import { startAws } from '../../src/sandbox/aws.ts';
import type { TargetHost } from './target-host.ts';

export async function sandboxHost(): Promise<TargetHost> {
  const sandbox = await startAws({
    regions: ['us-east-1', 'us-west-2'],
    account: '111122223333',
    speed: 100,
    images: {},
    signals: false,
  });
  return {
    kind: 'sandbox',
    account: sandbox.core.account,
    region: 'us-east-1',
    otherRegion: 'us-west-2',
    endpoint: sandbox.endpoint,
    settings: { endpoint: sandbox.endpoint, credentials: sandbox.administrator },
    waiting: { maxWaitTime: 25, minDelay: 0.05, maxDelay: 0.2 },
    patience: { attempts: 200, pause: 50 },
    close: () => sandbox.stop(),
  };
}
