/** Stands in the VPC and speaks SQL to its own Region's database, as the master user, with the password from Secrets Manager. */

import type { Connection } from 'mysql2/promise';
import { clientsFor } from '../aws/clients.ts';
import { answer } from '../engines/database/answer.ts';
import type { SqlAnswers, SqlRequest } from '../engines/database/requests.ts';
import { messageOf, notYet, terminalError } from '../kernel/errors.ts';
import type { Workload } from '../workload/config.ts';
import { namesOf } from '../workload/names.ts';
import { ownSide, surroundings } from './surroundings.ts';

/** Environment: the database's address, which differs by Region and is known only once it stands. */
export const databaseHostVariable = 'DATABASE_HOST';

export async function sql(request: SqlRequest): Promise<SqlAnswers[keyof SqlAnswers]> {
  const { workload } = surroundings();
  const { connection, application } = await open(workload);
  try {
    return await answer(
      async (statement, values) => {
        const [rows] = await connection.query(
          { sql: statement, timeout: 10_000 },
          values === undefined ? [] : [...values],
        );
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
      },
      { user: application.username, password: application.password, schema: workload.database.name },
      request,
    );
  } catch (error) {
    if ((error as { fatal?: boolean }).fatal === true) unreachable(error);
    throw error;
  } finally {
    connection.destroy();
  }
}

/** A database that restarts refuses connections and breaks those it had: it will answer later, so the asking is repeated. */
function unreachable(error: unknown): never {
  throw notYet(`The database can't be reached: ${messageOf(error)}.`, { cause: error });
}

/** Connects with the secrets at hand, and with fresh ones when they are refused: they may have been changed. */
async function open(workload: Workload): Promise<{ connection: Connection; application: Credentials }> {
  for (const fresh of [false, true]) {
    if (fresh) secrets = undefined;
    secrets ??= secretsOf(workload);
    const [master, application] = await secrets.catch((error: unknown) => {
      secrets = undefined;
      throw error;
    });
    try {
      return { connection: await connect(master), application };
    } catch (error) {
      if ((error as { code?: string }).code !== 'ER_ACCESS_DENIED_ERROR') unreachable(error);
    }
  }
  throw terminalError('The database refuses the master account.');
}

/** Kept while the function is warm. */
let secrets: Promise<[Credentials, Credentials]> | undefined;

async function connect({ username, password }: Credentials): Promise<Connection> {
  const { createConnection } = await import('mysql2/promise');
  const host = process.env[databaseHostVariable];
  if (host === undefined) throw terminalError(`The function's environment has no ${databaseHostVariable}.`);
  return createConnection({
    host,
    user: username,
    password,
    connectTimeout: 5000,
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Both secrets are replicated to the recovery Region and read from this function's own. */
async function secretsOf(workload: Workload): Promise<[Credentials, Credentials]> {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const names = namesOf(workload);
  const client = await clientsFor(workload[ownSide(workload)].region).secrets();
  const read = async (name: string): Promise<Credentials> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return JSON.parse(SecretString ?? '{}') as Credentials;
  };
  return Promise.all([read(names.masterSecret), read(names.applicationSecret)]);
}
