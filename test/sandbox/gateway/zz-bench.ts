import { createServer } from 'node:http';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { STSClient, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { startWorld } from './world.ts';
import { inProcessHandler } from '../../../src/sandbox/gateway/in-process.ts';
const world = await startWorld();
const out = { Parameter: { Name: '/a', Value: 'v', Version: 3, LastModifiedDate: new Date(), Type: 'String' } };
world.on('ssm:GetParameter', () => out);
const stub = createServer((req, res) => { req.resume(); req.on('end', () => { res.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }); res.end('{"Parameter":{"Name":"/a","Value":"v","Version":3,"LastModifiedDate":1.7e9,"Type":"String"}}'); }); });
await new Promise<void>((r) => stub.listen(0, '127.0.0.1', () => r()));
const port = (stub.address() as any).port;
async function rate(name: string, client: any, make: () => any, n: number, conc: number) {
  for (let i = 0; i < 300; i++) await client.send(make());
  const t = performance.now(); let left = n;
  await Promise.all(Array.from({ length: conc }, async () => { while (left-- > 0) await client.send(make()); }));
  const s = (performance.now() - t) / 1000; console.log(name, conc, Math.round(n / s), 'req/s'); world.asked.length = 0;
}
const mk = () => new GetParameterCommand({ Name: '/a' });
for (let round = 0; round < 2; round++) for (const conc of [1, 8]) {
  await rate('stub   ', new SSMClient({ ...world.client, endpoint: `http://127.0.0.1:${port}` }), mk, 4000, conc);
  await rate('gateway', new SSMClient(world.client), mk, 4000, conc);
  await rate('inproc ', new SSMClient({ ...world.client, requestHandler: inProcessHandler(world.door, 'outside') as any }), mk, 4000, conc);
  await rate('gateway sts', new STSClient(world.client), () => new GetCallerIdentityCommand({}), 4000, conc);
}
await world.close(); stub.closeAllConnections(); stub.close(); process.exit(0);
