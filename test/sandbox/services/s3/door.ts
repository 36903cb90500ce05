/** Services under test behind the real front door, so that real SDK clients call them. */

import { wallClock } from '../../../../src/kernel/clock.ts';
import type { Principal } from '../../../../src/sandbox/contract.ts';
import { inProcessHandler } from '../../../../src/sandbox/gateway/in-process.ts';
import type { TestSandbox } from '../../../support/test-sandbox.ts';

const secretAccessKey = 'secret';
const principal: Principal = { kind: 'root', account: '111122223333', arn: 'arn:aws:iam::111122223333:root' };

/** Settings for a client of any service. */
export function clientSettings({ core, dispatcher }: TestSandbox, region = 'us-east-1') {
  const door = {
    core,
    dispatcher,
    credentials: () => ({ secretAccessKey, principal }),
    wall: wallClock,
    crossing: () => Promise.resolve(),
  };
  return {
    region,
    endpoint: 'http://127.0.0.1:4566',
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey },
    maxAttempts: 1,
    requestHandler: inProcessHandler(door, 'outside'),
  };
}
