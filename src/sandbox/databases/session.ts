/** Speaks SQL to a server as the service itself, over its Unix socket. */

import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { messageOf } from '../../kernel/errors.ts';
import { serviceUser } from './accounts.ts';

export type Row = Readonly<Record<string, string | number | null>>;

export interface Session {
  /** Runs one statement; `?` in it stand for `values`, `??` for names. Answers the rows, or none. */
  run(statement: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** Real milliseconds: a server that doesn't answer by then is frozen or gone. */
const patience = 20_000;

export async function withSession<T>(socket: string, work: (session: Session) => Promise<T>): Promise<T> {
  const connection = await createConnection({ socketPath: socket, user: serviceUser, connectTimeout: patience });
  // A server killed under an idle connection raises here; whoever runs the next statement hears of it.
  connection.on('error', () => {});
  try {
    const result = await work({ run: (statement, values = []) => run(connection, statement, values) });
    await connection.end();
    return result;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function run(connection: Connection, statement: string, values: readonly unknown[]): Promise<readonly Row[]> {
  try {
    const query = { sql: statement, values: [...values], timeout: patience };
    const [rows] = await connection.query<(Row & RowDataPacket)[]>(query);
    return Array.isArray(rows) ? rows : [];
  } catch (error) {
    // The driver's errors carry the whole statement, passwords included.
    throw new Error(messageOf(error));
  }
}
