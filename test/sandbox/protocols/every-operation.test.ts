/**
 * The SDK's own clients are the other side: any input a client sends reaches the service unchanged, any output reaches the client
 * unchanged, and any error arrives as its class with its fields; for every operation served, in every protocol its client can speak.
 * `CODEC_RUNS=100` draws a hundred values for each instead of a few.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceName } from '../../../src/sandbox/contract.ts';
import { AwsError } from '../../../src/sandbox/contract.ts';
import { inProcessHandler } from '../../../src/sandbox/gateway/in-process.ts';
import { apiOf, servicesOnTheWire } from '../../../src/sandbox/protocols/api.ts';
import type { Structure } from '../../../src/sandbox/protocols/shapes.ts';
import type { World } from '../gateway/world.ts';
import { startWorld } from '../gateway/world.ts';
import type { Bounds } from './arbitrary.ts';
import { anyText, structure, xmlText } from './arbitrary.ts';
import type { Dialogue } from './clients.ts';
import { clients, dialogues } from './clients.ts';

const numRuns = Number(process.env.CODEC_RUNS ?? 3);
// The suite's few values are always the same ones; a longer run draws its own, and prints the seed of what fails.
const drawing = process.env.CODEC_RUNS === undefined ? { seed: 1 } : {};
// docs/coverage.md is what the services say they serve; a test of its own holds it to that.
const coverage = readFileSync(join(import.meta.dirname, '../../../docs/coverage.md'), 'utf8');
const served = new Map(
  [...coverage.matchAll(/^\*\*(\w+)\*\* \(\d+\): (.*)$/gm)].map(([, service = '', names = '']) => [
    service,
    names.split(', '),
  ]),
);

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const inXml: ReadonlySet<ServiceName> = new Set([
  'autoscaling',
  'cloudformation',
  'ec2',
  'elasticloadbalancing',
  'iam',
  'rds',
  'route53',
  's3',
  'sns',
  'sts',
]);
const spoken = servicesOnTheWire.flatMap((service): [string, ServiceName, Dialogue][] =>
  (dialogues[service] ?? [['its own protocol', inXml.has(service) ? 'xml' : 'document', {}] as const]).map(
    (dialogue) => [`${service} in ${dialogue[0]}`, service, dialogue],
  ),
);

describe.each(spoken)('%s', (_name, service, [, carrier, settings]) => {
  const [parts, Client] = clients[service];
  const connect = () =>
    new parts[Client]({
      ...world.client,
      ...settings,
      // It has an endpoint nowhere else.
      ...(service === 'globalaccelerator' ? { region: 'us-west-2' } : {}),
      requestHandler: inProcessHandler(world.door, 'outside'),
      md5: false,
    });
  // Forms and XML have no way to tell a structure that holds nothing from one that isn't there.
  const told = (value: unknown): unknown => (carrier === 'xml' ? filled(value) : value);
  const bounds: Bounds = { text: carrier === 'xml' ? xmlText : anyText, deepest: 4 };

  test.each(served.get(service) ?? [])('%s', { timeout: 20_000 + numRuns * 2000 }, async (operation) => {
    const api = await apiOf(service);
    const found = api.operations.get(operation);
    if (found === undefined) throw new Error(`${service} has no ${operation}.`);
    const client = connect();
    const inputs = structure(found.input, { ...bounds, withStreams: true }).map(sendable);
    const outputs = structure(found.output, { ...bounds, withStreams: true }).map((output) =>
      answerable(output, operation),
    );
    await fc.assert(
      fc.asyncProperty(inputs, outputs, async (input, output) => {
        let received: Record<string, unknown> = {};
        world.on(`${service}:${operation}`, async (given: Record<string, unknown>) => {
          received = await readThrough(given);
          return streamed(found.output, output);
        });
        const { $metadata: _metadata, ...answer } = await client.send(
          new parts[`${operation}Command`](structuredClone(input)),
        );
        expect(told(without(received, input))).toEqual(told(input));
        expect(told(without(await readThrough(answer), output))).toEqual(told(output));
      }),
      { numRuns, ...drawing },
    );
    expect(world.logged).toEqual([]);
  });

  test('every error', { timeout: 60_000 + numRuns * 5000 }, async () => {
    const api = await apiOf(service);
    const client = connect();
    const operation = (served.get(service) ?? []).find((name) =>
      api.operations.get(name)?.input.members.every((member) => !member.required),
    );
    if (operation === undefined) throw new Error(`${service} serves nothing that takes no input.`);
    for (const shape of new Set(api.errors.values())) {
      if (!(shape.name in parts)) continue;
      await fc.assert(
        fc.asyncProperty(structure(shape, { ...bounds, deepest: 2 }), bounds.text, async (drawn, message) => {
          const fields = Object.fromEntries(
            Object.entries(drawn).filter(([name]) => !/^(message|Type|__type)$/i.test(name)),
          );
          world.on(`${service}:${operation}`, () => {
            throw new AwsError(shape.name, message, { fields });
          });
          const thrown: unknown = await client
            .send(new parts[`${operation}Command`]({}))
            .catch((error: unknown) => error);
          // Two errors of one service can share the code that old clients see.
          const classes = [...api.errors.values()]
            .filter((other) => codeOf(other) === codeOf(shape))
            .map(({ name }) => parts[name]);
          expect(
            classes.some((exception) => exception !== undefined && thrown instanceof exception),
            shape.name,
          ).toBe(true);
          expect(thrown).toMatchObject({ ...fields, ...(message === '' ? {} : { message }) });
          expect(thrown).toMatchObject({ $metadata: { requestId: expect.stringMatching(/\S/) } });
        }),
        { numRuns: Math.max(1, Math.ceil(numRuns / 3)), ...drawing },
      );
    }
  });
});

const codeOf = ({ name, traits }: Structure): string => traits.awsQueryError?.[0] ?? name;

/** Without what the client checks or rewrites before it sends it. */
function sendable(input: Record<string, unknown>): Record<string, unknown> {
  const handled = [
    'EndpointId',
    'ChecksumAlgorithm',
    'SSECustomerKey',
    'CopySourceSSECustomerKey',
    'ExpectedBucketOwner',
    'ContentMD5',
  ];
  const rest = Object.fromEntries(
    Object.entries(input).filter(([name]) => !handled.includes(name) && !name.startsWith('Checksum')),
  );
  // One name on the wire for both, in forms.
  if ('MessageSystemAttributeNames' in rest) delete rest.AttributeNames;
  return 'Bucket' in rest ? { ...rest, Bucket: 'some-bucket' } : rest;
}

/** Without what the client adds on its own account: tokens, checksums, a content type, and something empty for what isn't there. */
const without = (received: Record<string, unknown>, given: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(received).filter(([name, value]) => name in given || !(own.test(name) || isEmpty(value))),
  );

// Forms call two members of SQS's ReceiveMessage by one name.
const own =
  /^(AttributeNames|MessageSystemAttributeNames|clientToken|ClientRequestToken|IdempotencyToken|Checksum.*|ContentMD5|ContentType|ContentLength|ExpiresString|StatusCode)$/i;

const isEmpty = (value: unknown): boolean =>
  value === null ||
  (value instanceof Uint8Array && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0);

function filled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date) return value;
  const entries = Object.entries(value).map(([name, held]) => [name, filled(held)] as const);
  return Object.fromEntries(entries.filter(([, held]) => held instanceof Date || !isEmpty(held) || held === null));
}

/** An answer without a body would be one that S3 broke off, to its client. */
function answerable(output: Record<string, unknown>, operation: string): Record<string, unknown> {
  if (operation === 'UploadPartCopy') return { CopyPartResult: { ETag: 'e' }, ...output };
  if (operation === 'CopyObject') return { CopyObjectResult: { ETag: 'e' }, ...output };
  // Its client verifies what it is told of a body's checksum.
  const { ExpiresString: _madeByTheClient, ...told } = output;
  if (operation !== 'GetObject') return told;
  return Object.fromEntries(Object.entries(told).filter(([name]) => !name.startsWith('Checksum')));
}

/** Streams, on either side, as the bytes they carry. */
async function readThrough(value: Record<string, unknown>): Promise<Record<string, unknown>> {
  const entries = Object.entries(value).map(async ([name, held]) => [
    name,
    held instanceof Readable
      ? new Uint8Array(await buffer(held))
      : held instanceof Uint8Array
        ? new Uint8Array(held)
        : held,
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

function streamed({ members }: Structure, output: Record<string, unknown>): Record<string, unknown> {
  const streams = members.filter(({ traits, name }) => traits.streaming === 1 && name in output);
  return {
    ...output,
    ...Object.fromEntries(streams.map(({ name }) => [name, Readable.from([Buffer.from(output[name] as Uint8Array)])])),
  };
}
