/** The doors of function URLs: an HTTP server each, behind its address in the Region's network. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../../../kernel/errors.ts';
import type { Exposure, SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { compiled } from '../../iam/caller.ts';
import { analyse } from '../../iam/layer.ts';
import { contextOf } from '../../iam/request.ts';
import type { Invocations } from './invocations.ts';
import { functionPolicy } from './permissions.ts';
import type { UrlRow } from './rows.ts';
import { lambdaTables, qualifiedKey } from './rows.ts';
import type { UrlRequest } from './url-payload.ts';
import { answerOf, domainOf, eventOf } from './url-payload.ts';

/** The port asked for; bound where no privilege is needed. */
export const urlPort = 80;

/** Bytes. Source: Lambda quotas, of a synchronous invocation. */
const largest = 6_291_456;

export interface UrlDoors {
  open(region: string, row: UrlRow): Promise<void>;
  close(region: string, row: UrlRow): Promise<void>;
  /** Closes those of functions that are gone. */
  sweep(region: string): Promise<void>;
  /** Opens those of an earlier life. */
  resume(): Promise<void>;
  closeAll(): Promise<void>;
}

interface Door {
  readonly row: UrlRow;
  readonly server: Server;
  readonly exposure: Exposure;
}

export function urlDoors(core: SandboxCore, invocations: Invocations): UrlDoors {
  const standing = new Map<string, Door>();
  const shut = async (key: string): Promise<void> => {
    const door = standing.get(key);
    if (door === undefined) return;
    standing.delete(key);
    const region = key.split('/')[0] ?? '';
    core.network.unname(domainOf(region, door.row));
    await door.exposure.close();
    door.server.closeAllConnections();
    await new Promise((resolve) => door.server.close(resolve));
  };
  const doors: UrlDoors = {
    async open(region, row) {
      const server = createServer((request, response) => {
        serve(core, invocations, region, row, request, response).catch((error: unknown) => {
          core.log({ service: 'lambda', region, text: `a function URL failed: ${messageOf(error)}`, error });
          response.destroy();
        });
      });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, row.address, resolve);
      });
      server.unref();
      const { port } = server.address() as AddressInfo;
      const exposure = await core.network.expose({
        place: region,
        address: row.address,
        port: urlPort,
        to: { host: row.address, port },
      });
      core.network.name(domainOf(region, row), ({ type }) => ({ ttl: 60, values: type === 'A' ? [row.address] : [] }));
      standing.set(`${region}/${row.id}`, { row, server, exposure });
    },
    async close(region, row) {
      await shut(`${region}/${row.id}`);
      core.network.release(row.address);
    },
    async sweep(region) {
      for (const [key, { row }] of standing) {
        const isOf = key.startsWith(`${region}/`);
        if (isOf && lambdaTables(core, region).urls.get(qualifiedKey(row.key))?.id !== row.id)
          await doors.close(region, row);
      }
    },
    async resume() {
      for (const region of core.regions)
        for (const row of lambdaTables(core, region).urls.values()) await doors.open(region, row);
    },
    async closeAll() {
      for (const key of standing.keys()) await shut(key);
    },
  };
  return doors;
}

async function serve(
  core: SandboxCore,
  invocations: Invocations,
  region: string,
  row: UrlRow,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = core.ids.uuid();
  const send = (
    status: number,
    headers: Readonly<Record<string, string | readonly string[]>>,
    body: string | Buffer,
  ) => {
    response.writeHead(status, {
      'x-amzn-requestid': requestId,
      ...(headers as Record<string, string | string[]>),
      'content-length': Buffer.byteLength(body),
    });
    response.end(incoming.method === 'HEAD' ? undefined : body);
  };
  const refuse = (status: number, code: string, message: string | null) =>
    send(
      status,
      { 'content-type': 'application/json', 'x-amzn-errortype': code },
      JSON.stringify({ Message: message }),
    );
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largest) chunks.push(chunk);
  }
  // Of a URL that isn't there AWS says no more than that.
  if (lambdaTables(core, region).urls.get(qualifiedKey(row.key))?.id !== row.id)
    return refuse(403, 'AccessDeniedException', null);
  if (!isPublic(core, row)) {
    return refuse(
      403,
      'AccessDeniedException',
      'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
    );
  }
  if (size > largest) return refuse(413, 'RequestEntityTooLargeException', 'Request Entity Too Large');
  const [path = '/', ...query] = (incoming.url ?? '/').split('?');
  const request: UrlRequest = {
    method: incoming.method ?? 'GET',
    path,
    query: query.join('?'),
    headers: incoming.rawHeaders,
    source: core.network.sourceOf(incoming.socket),
    body: Buffer.concat(chunks),
  };
  try {
    const payload = JSON.stringify(eventOf(request, { region, row, requestId, now: core.clock.now() }));
    const outcome = await invocations.run(region, row.key, { payload, requestId });
    if (outcome.functionError) return send(502, { 'content-type': 'application/json' }, 'Internal Server Error');
    const answer = answerOf(outcome.payload);
    return send(answer.status, answer.headers, answer.body);
  } catch (error) {
    if (codeOf(error) === 'TooManyRequestsException') return refuse(429, 'TooManyRequestsException', 'Rate Exceeded.');
    core.log({ service: 'lambda', region, text: `a function URL couldn't invoke ${row.arn}: ${messageOf(error)}` });
    return send(502, { 'content-type': 'application/json' }, 'Internal Server Error');
  }
}

/**
 * Whether the function's own policy lets everybody in: by URL, and by invoking it that way. Both are asked for since October 2025. Source:
 * Lambda Developer Guide, "Control access to Lambda function URLs".
 */
function isPublic(core: SandboxCore, { arn }: UrlRow): boolean {
  const document = functionPolicy(core, arn);
  if (document === undefined) return false;
  const policies = [{ name: `the policy of ${arn}`, policy: compiled(document, 'resource') }];
  const context = contextOf({ 'lambda:FunctionUrlAuthType': 'NONE', 'lambda:InvokedViaFunctionUrl': 'true' });
  return ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'].every(
    (action) =>
      analyse('resource', policies, { action, resource: arn, caller: anybody, context }).outcome === 'allowed',
  );
}

const anybody = {
  kind: 'user',
  account: 'anonymous',
  arn: 'anonymous',
  entityArn: 'anonymous',
  uniqueIds: [],
  bounded: false,
} as const;
