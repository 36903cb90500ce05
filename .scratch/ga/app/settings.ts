/** The application's settings: every parameter under its path, read once at boot. */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';

export interface Settings {
  readonly title: string;
  readonly pageSize: number;
  readonly bucket: string;
  readonly queue: string;
  readonly database: { readonly host: string; readonly name: string; readonly user: string; readonly password: string };
}

export async function readSettings(): Promise<Settings> {
  const path = required(process.env.PARAMETER_PATH, 'PARAMETER_PATH');
  const values = new Map<string, string>();
  for await (const page of paginateGetParametersByPath(
    { client: new SSMClient({}) },
    { Path: path, Recursive: true, WithDecryption: true },
  )) {
    for (const { Name, Value } of page.Parameters ?? []) values.set((Name ?? '').slice(path.length), Value ?? '');
  }
  const value = (name: string) => required(values.get(name), `${path}${name}`);
  const { SecretString } = await new SecretsManagerClient({}).send(
    new GetSecretValueCommand({ SecretId: value('region/database-secret') }),
  );
  const { username, password } = JSON.parse(SecretString ?? '{}') as { username: string; password: string };
  return {
    title: values.get('title') ?? 'Photos',
    pageSize: Number(values.get('page-size') ?? 20),
    bucket: value('region/bucket-photos'),
    queue: value('region/queue-uploads'),
    database: {
      host: value('region/database-host'),
      name: required(process.env.DATABASE_NAME, 'DATABASE_NAME'),
      user: username,
      password,
    },
  };
}

function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw new Error(`${name} is missing`);
  return value;
}
