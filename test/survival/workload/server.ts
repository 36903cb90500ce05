/** A guest book over HTTP: a workload that shares nothing with the example but the database. */

import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Pool } from 'mysql2/promise';
import { createPool } from 'mysql2/promise';

const { PARAMETER_PATH: path = '', DATABASE_NAME: database = '', PORT: port, ADDRESS: address, GREETING } = process.env;
let pool: Pool | undefined;

createServer((request, response) => {
  const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
  const work = async () => {
    if (request.url === '/up') return answer(200, { greeting: GREETING });
    if (request.url === '/up?write') return answer((await isWritable()) ? 200 : 503, {});
    if (request.method !== 'POST') return answer(404, {});
    const { guest, says } = JSON.parse(await text(request)) as { guest: string; says: string };
    await (await book()).query({
      sql: 'INSERT INTO entries (says, guest) VALUES (?, ?)',
      values: [says, guest],
      timeout: 5000,
    });
    return answer(200, { guest });
  };
  work().catch((error: unknown) => answer(503, { error: String(error) }));
}).listen(Number(port), address);

async function isWritable(): Promise<boolean> {
  const [rows] = await (await book()).query({ sql: 'SELECT @@global.read_only AS locked', timeout: 5000 });
  if (Number((rows as { locked: number }[])[0]?.locked) !== 0) return false;
  // The key isn't the first column: what names a lost row must not lean on that.
  await (await book()).query('CREATE TABLE IF NOT EXISTS entries (says TEXT, guest VARCHAR(64) PRIMARY KEY)');
  return true;
}

async function book(): Promise<Pool> {
  if (pool !== undefined) return pool;
  const names = ['database-host', 'database-secret'].map((name) => `${path}region/${name}`);
  const { Parameters = [] } = await new SSMClient({}).send(new GetParametersCommand({ Names: names }));
  const [host, SecretId] = names.map((name) => Parameters.find(({ Name }) => Name === name)?.Value ?? '');
  const { SecretString = '{}' } = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId }));
  const { username: user, password } = JSON.parse(SecretString) as { username: string; password: string };
  pool ??= createPool({ host: host ?? '', user, password, database, connectTimeout: 3000, connectionLimit: 4 });
  return pool;
}
