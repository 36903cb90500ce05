/** Stands in the VPC and speaks SQL to its own Region's database. */

import { clientsFor } from '../aws/clients.ts';
import { sqlAt } from '../engines/database/connection.ts';
import type { SqlAnswers, SqlRequest } from '../engines/database/requests.ts';
import type { Sql } from '../engines/database/sql.ts';
import { terminalError } from '../kernel/errors.ts';
import { namesOf } from '../workload/names.ts';
import { ownSide, surroundings } from './surroundings.ts';

/** Environment: the database's address, which differs by Region and is known only once it stands. */
export const databaseHostVariable = 'DATABASE_HOST';

export const sql = (request: SqlRequest): Promise<SqlAnswers[keyof SqlAnswers]> => {
  door ??= own();
  return door.ask(request);
};

/** Kept while the function is warm. */
let door: Sql | undefined;

function own(): Sql {
  const host = process.env[databaseHostVariable];
  if (host === undefined) throw terminalError(`The function's environment has no ${databaseHostVariable}.`);
  const { workload } = surroundings();
  return sqlAt({
    host,
    clients: clientsFor(workload[ownSide(workload)].region),
    names: namesOf(workload),
    schema: workload.database.name,
  });
}
