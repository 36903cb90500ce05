/**
 * A program that holds a kept sandbox of all of AWS, for tests that kill it. Its arguments: the state directory, and the folder that
 * the image `ami-0a0b0c0d0e0f0a0b0` holds. Says how to reach it, then keeps going until it is ended from outside.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { startAws } from '../../../src/sandbox/aws.ts';

const [, , state = '', folder = ''] = process.argv;
const aws = await startAws({
  regions: ['us-east-1', 'us-west-2'],
  account: '111122223333',
  state,
  seed: 1,
  speed: 'max',
  images: { 'ami-0a0b0c0d0e0f0a0b0': { folder, command: ['node', 'server.mjs'] } },
});
const { endpoint, administrator, network } = aws;
process.stdout.write(`${JSON.stringify({ endpoint, administrator, dns: network.dns })}\n`);
process.once('SIGTERM', () => void aws.stop().then(() => process.exit(0)));
await sleep(600_000);
