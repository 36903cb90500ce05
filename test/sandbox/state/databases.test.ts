/** Databases of a killed sandbox: they answer with their data, replication goes on, and a promotion cut short comes to its end. */

import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  type DBInstance,
  DescribeDBInstancesCommand,
  PromoteReadReplicaCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { createConnection } from 'mysql2/promise';
import { expect, onTestFinished, test } from 'vitest';
import { type Program, startProgram } from './program.ts';

interface Said {
  readonly endpoint: string;
  readonly dns: { readonly host: string; readonly port: number };
}

const password = 'correct-horse';
const source = { region: 'us-east-1', id: 'app' };
const replica = { region: 'us-west-2', id: 'copy' };

test('go on replicating after a kill, and finish the promotion another kill cut short', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'databases-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // Longer than a socket's path may be.
  const state = join(folder, 'kept'.repeat(30));
  let program: Program<Said> = await startProgram('./kept-sandbox.ts', [state]);
  const again = async (): Promise<void> => {
    await program.kill();
    program = await startProgram('./kept-sandbox.ts', [state]);
  };
  const rds = (region: string) =>
    new RDSClient({
      endpoint: program.said.endpoint,
      region,
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    });
  const described = async ({ region, id }: typeof source): Promise<DBInstance | undefined> =>
    (await rds(region).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances?.[0];
  const until = async (of: typeof source, test: (found: DBInstance | undefined) => boolean): Promise<void> => {
    while (!test(await described(of))) await pause(50);
  };
  const query = async (of: typeof source, statement: string): Promise<readonly object[]> => {
    const { Endpoint } = (await described(of)) ?? {};
    const resolver = new Resolver();
    resolver.setServers([`${program.said.dns.host}:${program.said.dns.port}`]);
    const [host = ''] = await resolver.resolve4(Endpoint?.Address ?? '');
    const connection = await createConnection({ host, port: 3306, user: 'admin', password, database: 'app' });
    try {
      const [rows] = await connection.query(statement);
      return rows as object[];
    } finally {
      await connection.end();
    }
  };
  const isAvailable = (found: DBInstance | undefined): boolean => found?.DBInstanceStatus === 'available';

  await rds(source.region).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: source.id,
      Engine: 'mysql',
      DBInstanceClass: 'db.t3.micro',
      AllocatedStorage: 20,
      DBName: 'app',
      MasterUsername: 'admin',
      MasterUserPassword: password,
    }),
  );
  // Killed while its files are being made.
  await again();
  await until(source, isAvailable);
  await query(source, 'CREATE TABLE kept (name VARCHAR(40) PRIMARY KEY)');
  await query(source, "INSERT INTO kept VALUES ('before')");
  const arn = (await described(source))?.DBInstanceArn ?? '';
  await rds(replica.region).send(
    new CreateDBInstanceReadReplicaCommand({
      DBInstanceIdentifier: replica.id,
      SourceDBInstanceIdentifier: arn,
    }),
  );
  await until(replica, (found) => found?.DBInstanceStatus === 'creating');
  await again();
  await until(replica, isAvailable);
  expect(await query(replica, 'SELECT name FROM kept')).toEqual([{ name: 'before' }]);

  await again();
  await query(source, "INSERT INTO kept VALUES ('after')");
  while ((await query(replica, 'SELECT name FROM kept')).length < 2) await pause(50);

  await rds(replica.region).send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: replica.id }));
  await until(replica, (found) => found?.DBInstanceStatus === 'modifying' || found?.DBInstanceStatus === 'rebooting');
  await again();
  await until(replica, (found) => isAvailable(found) && found?.ReadReplicaSourceDBInstanceIdentifier === undefined);
  await query(replica, "INSERT INTO kept VALUES ('promoted')");
  expect(await query(replica, 'SELECT name FROM kept ORDER BY name')).toHaveLength(3);
  expect(await query(source, 'SELECT name FROM kept')).toHaveLength(2);
  await until(source, (found) => (found?.ReadReplicaDBInstanceIdentifiers ?? []).length === 0);
}, 150_000);
