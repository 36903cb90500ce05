import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SandboxCore } from '../../../src/sandbox/contract.ts';
import { globalScope, operation } from '../../../src/sandbox/contract.ts';
import { registerInterface } from '../../../src/sandbox/services/ec2/network-interfaces.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import type { RealSandbox } from '../../support/real-sandbox.ts';
import { realSandbox } from '../../support/real-sandbox.ts';
import { appImage, network } from '../services/ec2/ec2-sandbox.ts';

/** An app that asks the SDK's own default chain who it is, on every request, and tells what it finds around it. */
const app = `
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
const require = createRequire(${JSON.stringify(`${process.cwd()}/`)});
const { STSClient } = require('@aws-sdk/client-sts');
const { credentials } = new STSClient({}).config;
const endpoint = process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT;
async function metadata(path) {
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = await fetch(endpoint + '/latest/api/token', { method: 'PUT', headers });
  const answer = await fetch(endpoint + path, { headers: { 'x-aws-ec2-metadata-token': await token.text() } });
  return answer.status === 200 ? answer.text() : answer.status;
}
createServer(async (request, response) => {
  try {
    const { accessKeyId, sessionToken } = await credentials();
    const instance = await metadata('/latest/meta-data/instance-id');
    const region = await metadata('/latest/meta-data/placement/region');
    const unsigned = (await fetch(endpoint + '/latest/meta-data/instance-id')).status;
    response.end(JSON.stringify({ accessKeyId, sessionToken, instance, region, unsigned, env: process.env.AWS_REGION }));
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error?.stack));
  }
}).listen(8080);
`;

interface AskedFor {
  readonly input: object;
  readonly caller: string;
}

/** Issues credentials that end after six minutes of AWS time, numbered; remembers who asked. */
const tokenService = (asked: AskedFor[]) => (core: SandboxCore) => ({
  name: 'sts' as const,
  operations: {
    AssumeRole: operation<object, object>((input, call) => {
      asked.push({ input, caller: call.principal.arn });
      return {
        Credentials: {
          AccessKeyId: `ASIA${asked.length}`,
          SecretAccessKey: 'secret',
          SessionToken: `token-${asked.length}`,
          Expiration: new Date(core.clock.now() + 360_000),
        },
      };
    }),
  },
});

describe('the metadata service of an instance', () => {
  const asked: AskedFor[] = [];
  let sandbox: RealSandbox;
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-app-'));
  let address = '';
  let instanceId = '';
  let neighbour = '';

  beforeAll(async () => {
    writeFileSync(join(folder, 'server.mjs'), app);
    sandbox = await realSandbox(
      [
        (core) => createEc2Service(core, { images: { [appImage]: { folder, command: ['node', 'server.mjs'] } } }),
        tokenService(asked),
      ],
      { speed: 30 },
    );
    const { core } = sandbox;
    const ec2 = <Output>(name: string, input: object) =>
      core.invoke<Output>({ service: 'ec2', operation: name, region: 'us-east-1', input, principal: core.as('test') });
    const arn = (path: string) => `arn:aws:iam::${core.account}:${path}`;
    core.table('iam', globalScope, 'roles').put('app', { name: 'app', arn: arn('role/app') });
    const profile = { name: 'app', arn: arn('instance-profile/app'), role: 'app' };
    core.table('iam', globalScope, 'instance-profiles').put('app', profile);
    const { privateSubnets } = await network({ ec2 });
    const { Instances } = await ec2<{ Instances: { InstanceId: string }[] }>('RunInstances', {
      ImageId: appImage,
      MinCount: 1,
      MaxCount: 1,
      SubnetId: privateSubnets[0],
      IamInstanceProfile: { Name: 'app' },
    });
    instanceId = Instances[0]?.InstanceId ?? '';
    address = core.table<{ address: string }>('ec2', 'us-east-1', 'instances').get(instanceId)?.address ?? '';
    neighbour = core.network.allocate('us-east-1');
    registerInterface(core, {
      region: 'us-east-1',
      kind: 'instance',
      subnetId: privateSubnets[0] ?? '',
      securityGroupIds: [],
      address: neighbour,
    });
  });
  afterAll(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true });
  });

  /** From an interface of its own group: nobody else is let in. */
  const ask = async (): Promise<Record<string, unknown>> => {
    const [status, body] = await new Promise<[number | undefined, string]>((resolve, reject) => {
      get(`http://${address}:8080/`, { localAddress: neighbour, agent: false }, (response) => {
        text(response).then((found) => resolve([response.statusCode, found]), reject);
      }).on('error', reject);
    });
    expect(status, body).toBe(200);
    return JSON.parse(body) as Record<string, unknown>;
  };

  it("gives the role's credentials to the SDK's default chain, and facts to who holds a token", async () => {
    const found = await vi.waitFor(ask, { timeout: 25_000, interval: 200 });
    expect(found).toMatchObject({
      accessKeyId: 'ASIA1',
      sessionToken: 'token-1',
      instance: instanceId,
      region: 'us-east-1',
      env: 'us-east-1',
      unsigned: 401,
    });
    expect(asked[0]).toMatchObject({
      input: { RoleArn: 'arn:aws:iam::111122223333:role/app', RoleSessionName: instanceId },
      caller: 'ec2.amazonaws.com',
    });
  });

  it('renews them before they end, without the program doing anything', async () => {
    const renewed = async () => expect((await ask()).accessKeyId).not.toBe('ASIA1');
    await vi.waitFor(renewed, { timeout: 25_000, interval: 300 });
  });
});
