/**
 * A program that holds a kept sandbox: DynamoDB, S3, SQS, SSM and RDS on the wire, for tests that kill it. Its arguments: the state
 * directory. Says its endpoint and its DNS server, then keeps going until it is ended from outside.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { outside } from '../../../src/sandbox/contract.ts';
import { startGateway } from '../../../src/sandbox/gateway/server.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { createDynamoDbService } from '../../../src/sandbox/services/dynamodb/service.ts';
import { createRdsService } from '../../../src/sandbox/services/rds/service.ts';
import { createS3Service } from '../../../src/sandbox/services/s3/service.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { createSsmService } from '../../../src/sandbox/services/ssm/service.ts';

const account = '111122223333';
const sandbox = await startSandbox({
  regions: ['us-east-1', 'us-west-2'],
  account,
  state: process.argv[2] ?? '',
  seed: 1,
  speed: 'max',
  timing: 'p50',
  factories: [
    createDynamoDbService,
    createS3Service,
    createSqsService,
    createSsmService,
    (core) => createRdsService(core, { admits: () => true }),
  ],
  gateway: (surroundings) =>
    startGateway(surroundings, {
      credentials: () => ({
        secretAccessKey: 'secret',
        principal: { kind: 'root', account, arn: `arn:aws:iam::${account}:root` },
      }),
    }),
});
const said = { endpoint: sandbox.core.endpoint(outside), dns: sandbox.network.dns, time: sandbox.clock.now() };
process.stdout.write(`${JSON.stringify(said)}\n`);
process.once('SIGTERM', () => void sandbox.stop().then(() => process.exit(0)));
await sleep(600_000);
