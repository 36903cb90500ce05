import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../../src/sandbox/databases/database.ts';
import { mariaDatabases } from '../../../../src/sandbox/databases/mariadb.ts';
import {
  isAllowed,
  type ParameterDefinition,
  parametersOf,
} from '../../../../src/sandbox/services/rds/parameter-catalogue.ts';
import { type Ground, ground } from '../../databases/machines.ts';

/** A value of each parameter that isn't a list or a range. */
const samples: Record<string, string> = {
  collation_server: 'utf8mb4_bin',
  init_connect: "SET @role = IF(CURRENT_USER() LIKE 'app@%', 'writer', 'none'); DO 0",
  read_only: '0',
  sql_mode: 'STRICT_TRANS_TABLES,NO_ZERO_DATE',
};

describe('the parameter catalogue', () => {
  let here: Ground;
  let database: Database;

  beforeAll(async () => {
    here = ground();
    const databases = mariaDatabases({
      directory: here.directory,
      network: here.network,
      region: () => ({ machines: here.machines }),
      replicationPassword: 'secret',
    });
    database = databases.open({ region: 'us-east-1', id: 'one', serverId: 1, onExit: () => {} });
    await database.create({ user: 'admin', password: 'correct-horse' });
  });
  afterAll(() => here.close());

  it.each(['mysql8.0', 'mariadb10.11'])(
    '%s names variables that MariaDB takes at its start and while it runs',
    async (family) => {
      const mapped = parametersOf(family).filter(({ variable }) => variable !== undefined);
      const values = Object.fromEntries(mapped.map((one) => [one.variable ?? '', sample(one)]));
      for (const one of mapped) expect(isAllowed(one, sample(one)), one.name).toBe(true);
      await database.stop();
      await database.start(values);
      const dynamic = mapped
        .filter(({ type }) => type === 'dynamic')
        .map(({ variable = '' }) => [variable, values[variable] ?? '']);
      await database.apply(Object.fromEntries(dynamic));
    },
  );

  const sample = ({ name, allowed }: ParameterDefinition): string =>
    samples[name] ?? allowed?.match(/^\d+(?=-)/)?.[0] ?? allowed?.split(',')[0] ?? '';
});
