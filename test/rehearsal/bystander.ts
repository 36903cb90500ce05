/** Who stands outside while the guest book is rehearsed: its owner, a visitor with a browser, and whom its webhook tells. */

import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, request as plainly } from 'node:http';
import { request as securely } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { accountClientsFor } from '../../src/aws/account-clients.ts';

/** What `sandbox env --json` answers. */
export type Environment = Readonly<Record<string, string>>;

/** The owner's hands, in one Region of the account. */
export function ownerIn(region: string, environment: Environment) {
  const { AWS_ENDPOINT_URL = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const clients = accountClientsFor(region, {
    endpoint: AWS_ENDPOINT_URL,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
    requestTimeout: 20_000,
  });
  return {
    clients,
    async write(Name: string, Value: string, Type: 'String' | 'SecureString' = 'String'): Promise<void> {
      await (await clients.ssm()).send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
    },
    async read(Name: string): Promise<string | undefined> {
      const { Parameter } = await (await clients.ssm()).send(new GetParameterCommand({ Name, WithDecryption: true }));
      return Parameter?.Value;
    },
    async keys(Bucket: string, Prefix: string): Promise<string[]> {
      const found: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await (await clients.s3()).send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
        found.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      return found;
    },
    /** Which side is active, and in which epoch, by the state as this Region's replica has it. */
    async authority(TableName: string, workload: string): Promise<{ active: string; epoch: number }> {
      const Key = { workload: { S: workload }, item: { S: 'authority' } };
      const { Item } = await (await clients.dynamoDb()).send(
        new GetItemCommand({ TableName, Key, ConsistentRead: true }),
      );
      return { active: Item?.active?.S ?? 'primary', epoch: Number(Item?.epoch?.N ?? 1) };
    },
  };
}

interface Page {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** As a browser does it: asks for the name, and believes the certificate only if it is that name's and its authority is trusted. */
export async function visit(url: string, { PILOT_LIGHT_CA = '', PILOT_LIGHT_DNS = '' }: Environment): Promise<Page> {
  const { protocol, hostname: servername, pathname: path } = new URL(url);
  const resolver = new Resolver();
  resolver.setServers([PILOT_LIGHT_DNS]);
  const [host] = await resolver.resolve4(servername);
  const secure = protocol === 'https:';
  // A port below 1024 is 8000 higher in the sandbox, which is nobody’s superuser.
  const asked = { host, path, port: 8000 + (secure ? 443 : 80), headers: { host: servername }, agent: false };
  return new Promise((resolve, reject) => {
    const sent = secure ? securely({ ...asked, servername, ca: readFileSync(PILOT_LIGHT_CA) }) : plainly(asked);
    sent.setTimeout(20_000, () => sent.destroy(new Error(`${url} did not answer`)));
    sent.on('error', reject);
    sent.on('response', (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, headers: response.headers, body }), reject);
    });
    sent.end();
  });
}

interface Notice {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Receives what a webhook is told. */
export async function lobby() {
  const told: Notice[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      told.push({ headers: request.headers, body });
      response.end();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    told,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/lobby`,
    [Symbol.dispose]: () => void server.close(),
  };
}
