/** A conversation of one request with a database server, as the master user with the password from Secrets Manager. */

import type { Connection } from 'mysql2/promise';
import type { Clients } from '../../aws/clients.ts';
import { messageOf, notYet, terminalError } from '../../kernel/errors.ts';
import type { Names } from '../../workload/names.ts';
import { answer } from './answer.ts';
import type { SqlAnswers, SqlRequest } from './requests.ts';
import type { Sql } from './sql.ts';

export interface Door {
  readonly host: string;
  /** @default 3306 */
  readonly port?: number;
  /** Of the Region whose secrets are read: both are replicated to the recovery Region. */
  readonly clients: Clients;
  readonly names: Names;
  /** The schema the application uses. */
  readonly schema: string;
}

/** Speaks SQL itself: for the function that stands beside the database, and for a laptop with a forwarded port. */
export function sqlAt(door: Door): Sql {
  let secrets: Promise<[Credentials, Credentials]> | undefined;
  /** Connects with the secrets at hand, and with fresh ones when they are refused: they may have been changed. */
  const open = async (): Promise<{ connection: Connection; application: Credentials }> => {
    for (const fresh of [false, true]) {
      if (fresh) secrets = undefined;
      secrets ??= secretsOf(door);
      const [master, application] = await secrets.catch((error: unknown) => {
        secrets = undefined;
        throw error;
      });
      try {
        return { connection: await connect(door, master), application };
      } catch (error) {
        if ((error as { code?: string }).code !== 'ER_ACCESS_DENIED_ERROR') unreachable(error);
      }
    }
    throw terminalError('The database refuses the master account.');
  };
  return {
    async ask<Ask extends SqlRequest['ask']>(request: Extract<SqlRequest, { ask: Ask }>): Promise<SqlAnswers[Ask]> {
      const { connection, application } = await open();
      try {
        const answered = await answer(
          async (statement, values) => {
            const [rows] = await connection.query(
              { sql: statement, timeout: 10_000 },
              values === undefined ? [] : [...values],
            );
            return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
          },
          { user: application.username, password: application.password, schema: door.schema },
          request,
        );
        return answered as SqlAnswers[Ask];
      } catch (error) {
        if ((error as { fatal?: boolean }).fatal === true) unreachable(error);
        throw error;
      } finally {
        connection.destroy();
      }
    },
  };
}

/** A database that restarts refuses connections and breaks those it had: it will answer later, so the asking is repeated. */
function unreachable(error: unknown): never {
  throw notYet(`The database can't be reached: ${messageOf(error)}.`, { cause: error });
}

async function connect({ host, port = 3306 }: Door, { username, password }: Credentials): Promise<Connection> {
  const { createConnection } = await import('mysql2/promise');
  return createConnection({
    host,
    port,
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

async function secretsOf({ clients, names }: Door): Promise<[Credentials, Credentials]> {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const client = await clients.secrets();
  const read = async (name: string): Promise<Credentials> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return JSON.parse(SecretString ?? '{}') as Credentials;
  };
  return Promise.all([read(names.masterSecret), read(names.applicationSecret)]);
}
