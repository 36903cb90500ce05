/** The guest book itself: the database, and who it is that writes into it. */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Pool } from 'mysql2/promise';
import { createPool } from 'mysql2/promise';

const { PARAMETER_PATH: path = '', DATABASE_NAME: database = '', AWS_REGION = '' } = process.env;
const { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata = 'http://169.254.169.254' } = process.env;

/** Where an instance stands and what it is made of, as it says itself. */
export interface Writer {
  readonly region: string;
  readonly image: string;
  readonly type: string;
}

export async function writer(): Promise<Writer> {
  const token = await ask('PUT', '/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' });
  const about = (what: string) => ask('GET', `/latest/meta-data/${what}`, { 'x-aws-ec2-metadata-token': token });
  const [image, type] = await Promise.all([about('ami-id'), about('instance-type')]);
  return { region: AWS_REGION, image, type };
}

async function ask(method: string, what: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(`${metadata}${what}`, { method, headers });
  if (!response.ok) throw new Error(`${what}: ${response.status}`);
  return response.text();
}

/** The values of parameters that are of this Region alone. */
export async function regional(...names: string[]): Promise<string[]> {
  const full = names.map((name) => `${path}region/${name}`);
  const { Parameters = [] } = await new SSMClient({}).send(new GetParametersCommand({ Names: full }));
  return full.map((name) => Parameters.find(({ Name }) => Name === name)?.Value ?? '');
}

let pool: Pool | undefined;

export async function book(): Promise<Pool> {
  if (pool !== undefined) return pool;
  const [host = '', SecretId = ''] = await regional('database-host', 'database-secret');
  const { SecretString = '{}' } = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId }));
  const { username: user, password } = JSON.parse(SecretString) as { username: string; password: string };
  pool ??= createPool({ host, user, password, database, connectTimeout: 3000, connectionLimit: 4 });
  return pool;
}

/** Makes its tables when it is the first to ask: the key isn't the first column, what names a lost row must not lean on that. */
export async function isWritable(): Promise<boolean> {
  const [rows] = await (await book()).query({ sql: 'SELECT @@global.read_only AS locked', timeout: 5000 });
  if (Number((rows as { locked: number }[])[0]?.locked) !== 0) return false;
  const made = 'region VARCHAR(32), image VARCHAR(32), type VARCHAR(32)';
  await (await book()).query(
    `CREATE TABLE IF NOT EXISTS entries (says TEXT, guest VARCHAR(64) PRIMARY KEY, drawer TEXT, ${made})`,
  );
  await (await book()).query(`CREATE TABLE IF NOT EXISTS rings (at DATETIME(3), ${made})`);
  return true;
}
