/**
 * Why a row is missing: reads the kept old primary's binary log from the position the replica held when it was promoted, as a customer
 * of RDS would (a remote read as the master user), and finds the transaction each lost row was in.
 */

import { spawn } from 'node:child_process';
import type { Endpoint } from './endpoint.ts';

export interface Unreplicated {
  /** The transaction's id, `0-1-123`. */
  readonly transaction: string;
  /** When it was committed by the clock of the server that logged it: epoch milliseconds, to the second. */
  readonly at: number;
  /** Keys of the rows it inserted into the watched table. */
  readonly keys: readonly string[];
}

export interface BinaryLogSource extends Endpoint {
  readonly user: string;
  readonly password: string;
}

export interface Watched {
  readonly schema: string;
  readonly table: string;
  /** The position of the column that holds the key, from 1: decoded rows name columns by it. */
  readonly column: number;
}

/** Transactions in the log after `position` that insert into a table. */
export async function unreplicatedInserts(
  source: BinaryLogSource,
  position: string,
  watched: Watched,
): Promise<Unreplicated[]> {
  const text = await readBinaryLog(source, position);
  return parseInserts(text, watched);
}

/** Of `mariadb-binlog`'s decoded rows: which transaction inserted which keys. */
export function parseInserts(text: string, { schema, table, column }: Watched): Unreplicated[] {
  const header = `### INSERT INTO \`${schema}\`.\`${table}\``;
  const value = new RegExp(`^###\\s+@${column}=(?:'([^']*)'|(\\S+))`);
  const found: (Unreplicated & { keys: string[] })[] = [];
  let current: (Unreplicated & { keys: string[] }) | undefined;
  let inserting = false;
  for (const line of text.split('\n')) {
    const transaction = /\bGTID (\d+-\d+-\d+)/.exec(line)?.[1];
    if (transaction !== undefined) {
      current = { transaction, at: timeIn(line), keys: [] };
      inserting = false;
    } else if (line.startsWith('### INSERT INTO')) {
      inserting = line.startsWith(header);
    } else if (inserting && current !== undefined) {
      const [, text, number] = value.exec(line) ?? [];
      const key = text ?? number;
      if (key === undefined) continue;
      if (current.keys.length === 0) found.push(current);
      current.keys.push(key);
      inserting = false;
    }
  }
  return found;
}

/** A header begins with the time: `#261123 16:00:01`. */
function timeIn(header: string): number {
  const [, year, month, day, hour, minute, second] =
    /^#(\d\d)(\d\d)(\d\d)\s+(\d+):(\d\d):(\d\d)/.exec(header)?.map(Number) ?? [];
  return Date.UTC(2000 + (year ?? 0), (month ?? 1) - 1, day, hour, minute, second);
}

function readBinaryLog({ host, port, user, password }: BinaryLogSource, position: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      'mariadb-binlog',
      [
        '--no-defaults',
        '--read-from-remote-server',
        `--host=${host}`,
        `--port=${port}`,
        `--user=${user}`,
        '--protocol=tcp',
        '--base64-output=decode-rows',
        '--verbose',
        `--start-position=${position}`,
        '--to-last-log',
        'mysql-bin.000001',
      ],
      // By environment, not by argument: arguments can be read by everybody on the machine.
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, MYSQL_PWD: password, TZ: 'UTC' } },
    );
    let output = '';
    let problem = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`mariadb-binlog: ${problem.trim()}`)),
    );
  });
}
