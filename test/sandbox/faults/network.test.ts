/** Faults between places, raised on the board, as clients meet them over the wire: each is one-sided where it is said to be. */

import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Place } from '../../../src/sandbox/contract.ts';
import { outside } from '../../../src/sandbox/contract.ts';
import type { FaultSpec } from '../../../src/sandbox/faults/specs.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { type WiredSandbox, wiredSandbox } from '../../support/wired-sandbox.ts';

const [here, there] = ['us-east-1', 'us-west-2'] as const;
let world: WiredSandbox;
let queue: string;

beforeAll(async () => {
  world = await wiredSandbox([createSqsService]);
}, 30_000);
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  const { QueueUrl = '' } = await from(outside).send(
    new CreateQueueCommand({ QueueName: `q-${Math.random()}`.replace('.', '') }),
  );
  queue = QueueUrl;
});
afterEach(async () => {
  for (const { id } of world.sandbox.board.list()) await world.sandbox.board.lift(id);
});

const raise = (spec: FaultSpec) => world.sandbox.board.raise(spec);

/** A client at a place, of the queue's Region, with little patience. */
const from = (place: Place): SQSClient =>
  new SQSClient({
    endpoint: world.sandbox.core.endpoint(place),
    region: here,
    credentials: world.credentials,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: 600, throwOnRequestTimeout: true }),
  });

const send = (place: Place): Promise<string> =>
  from(place)
    .send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'x' }))
    .then(
      () => 'answered',
      ({ name }: Error) => (name === 'TimeoutError' ? 'hung' : name),
    );

/** A round trip to the other Region: what a client that gave up let go of before it has been noticed then. */
const noticed = async (): Promise<void> => {
  const endpoint = world.sandbox.core.endpoint(there);
  await new SQSClient({ endpoint, region: there, credentials: world.credentials }).send(new ListQueuesCommand({}));
};

async function messages(): Promise<number> {
  const asked = new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['ApproximateNumberOfMessages'] });
  return Number((await from(there).send(asked)).Attributes?.ApproximateNumberOfMessages);
}

describe('partition', () => {
  it('on the way in: the call never arrives, and callers elsewhere notice nothing', async () => {
    const fault = await raise({ kind: 'partition', from: outside, to: here });
    expect([await send(outside), await send(there), await send(here)]).toEqual(['hung', 'answered', 'answered']);
    expect(await messages()).toBe(2);
    await noticed();
    await world.sandbox.board.lift(fault.id);
    expect(await send(outside)).toBe('answered');
    // Who gave up while the way was cut is not heard when it is open again.
    expect(await messages()).toBe(3);
  });

  it('on the way back: the call is performed, and its answer never comes', async () => {
    await raise({ kind: 'partition', from: here, to: outside });
    expect(await send(outside)).toBe('hung');
    expect(await messages()).toBe(1);
  });

  it('between the Regions: people reach both, neither reaches the other', async () => {
    await raise({ kind: 'partition', from: there, to: here });
    await raise({ kind: 'partition', from: here, to: there });
    expect([await send(outside), await send(there)]).toEqual(['answered', 'hung']);
  });
});

describe('latency', () => {
  it('between Regions is 40 ms each way, and next to nothing within one', () => {
    const { network } = world.sandbox;
    expect([network.delay(here, there), network.delay(there, here)]).toEqual([40, 40]);
    expect(network.delay(here, here)).toBeLessThan(1);
  });

  it('holds up what goes one way, and leaves the other as it was, until it is lifted', async () => {
    const { network, clock, board } = world.sandbox;
    const delays = () => [network.delay(outside, here), network.delay(here, outside), network.delay(here, here)];
    const before = delays();
    const fault = await raise({ kind: 'latency', from: outside, to: here, milliseconds: 3000 });
    expect(delays()).toEqual([3000, ...before.slice(1)]);
    const sent = clock.now();
    expect(await send(outside)).toBe('answered');
    expect(clock.now() - sent).toBeGreaterThanOrEqual(3000);
    await board.lift(fault.id);
    expect(delays()).toEqual(before);
  });

  it('of several is that of the last one that stands', async () => {
    const { network, board } = world.sandbox;
    const slow = (milliseconds: number) => raise({ kind: 'latency', from: here, to: there, milliseconds });
    const [one, other, third] = [await slow(500), await slow(900), await slow(700)];
    const seen = [network.delay(here, there)];
    for (const { id } of [third, one, other]) {
      await board.lift(id);
      seen.push(network.delay(here, there));
    }
    expect(seen).toEqual([700, 900, 900, 40]);
  });
});

describe('two faults of a kind on one place', () => {
  it.each<[FaultSpec, Place]>([
    [{ kind: 'dark', region: here }, outside],
    [{ kind: 'partition', from: outside, to: here }, outside],
  ])('last until both are lifted: %j', async (spec, place) => {
    const [one, other] = [await raise(spec), await raise(spec)];
    await world.sandbox.board.lift(one.id);
    expect(await send(place)).toBe('hung');
    await world.sandbox.board.lift(other.id);
    expect(await send(place)).toBe('answered');
  });
});

it('dark: everybody is met with silence, and by what was there when the Region is back', async () => {
  expect(await send(outside)).toBe('answered');
  const fault = await raise({ kind: 'dark', region: here });
  expect([await send(outside), await send(there)]).toEqual(['hung', 'hung']);
  await noticed();
  await world.sandbox.board.lift(fault.id);
  expect(await send(outside)).toBe('answered');
  expect(await messages()).toBe(2);
});
