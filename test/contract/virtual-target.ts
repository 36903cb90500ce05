/**
 * The contract's target without sockets, machines or waits: real SDK clients through the real front door, on a clock that moves on with
 * each request. Cases that are mostly waiting take no longer than their requests, whatever else the machine does.
 */

import { createEc2Service } from '../../src/sandbox/services/ec2/service.ts';
import { createKmsService } from '../../src/sandbox/services/kms/service.ts';
import { createRdsService } from '../../src/sandbox/services/rds/service.ts';
import { idleDatabases } from '../sandbox/services/rds/idle-databases.ts';
import { clientSettings } from '../sandbox/services/s3/door.ts';
import { testSandbox } from '../support/test-sandbox.ts';
import type { TargetHost } from './target-host.ts';

/** AWS time between two requests of a client that looks often: shorter than the shortest state that lasts. */
const pace = 4000;

/** RDS over databases that hold nothing: its cases ask about orders, states and times, never about SQL. One for each case. */
export function virtualRdsHost(): TargetHost {
  const sandbox = testSandbox([
    createKmsService,
    (core) => createRdsService(core, { databases: idleDatabases() }),
    (core) => createEc2Service(core, { images: {} }),
  ]);
  const { endpoint, requestHandler, ...settings } = clientSettings(sandbox);
  const handle: typeof requestHandler.handle = async (...request) => {
    await sandbox.clock.advance(pace);
    return requestHandler.handle(...request);
  };
  return {
    kind: 'sandbox',
    account: sandbox.core.account,
    region: 'us-east-1',
    otherRegion: 'us-west-2',
    endpoint,
    settings: { ...settings, endpoint, requestHandler: { ...requestHandler, handle } },
    waiting: { maxWaitTime: 50, minDelay: 0.001, maxDelay: 0.001 },
    patience: { attempts: 500, pause: 1 },
    close: async () => {},
  };
}
