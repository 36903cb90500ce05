/** RDS over real servers, and its customers: requests, waits, and SQL as a program in a Region sends it. */

import { connect as connectTcp } from 'node:net';
import type { DBInstance } from '@aws-sdk/client-rds';
import { type Connection, createConnection } from 'mysql2/promise';
import { vi } from 'vitest';
import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { createRdsService } from '../../../../src/sandbox/services/rds/service.ts';
import { type RealSandbox, realSandbox } from '../../../support/real-sandbox.ts';
import { here, photos, there } from './service-test.ts';

export type SqlRow = Readonly<Record<string, unknown>>;

export interface RealRds {
  readonly sandbox: RealSandbox;
  /** The master user's; a test that changes it says so. */
  password: string;
  rds<Output = Record<string, unknown>>(operation: string, input: object, region?: string): Promise<Output>;
  instance(id: string, region?: string): Promise<DBInstance>;
  /** Waits until the instance is available, and more where asked to. */
  available(id: string, region?: string, done?: (one: DBInstance) => boolean): Promise<DBInstance>;
  connect(id: string, region?: string, from?: string, patience?: number): Promise<Connection>;
  /** One statement on a connection of its own. */
  sql(id: string, statement: string, region?: string): Promise<SqlRow[]>;
}

/** A primary `photos` with a table `photo`, and its replica `photos-dr` in the other Region. */
export async function realPair(more: readonly ServiceFactory[] = []): Promise<RealRds> {
  const sandbox = await realSandbox([(core) => createRdsService(core), ...more], { speed: 'max' });
  const pair = realRds(sandbox);
  await pair.rds('CreateDBInstance', { ...photos, DBName: 'photos' });
  const { DBInstanceArn: SourceDBInstanceIdentifier } = await pair.available('photos');
  await pair.sql('photos', 'CREATE TABLE photo (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40))');
  const replica = { DBInstanceIdentifier: 'photos-dr', SourceDBInstanceIdentifier };
  await pair.rds('CreateDBInstanceReadReplica', replica, there);
  await pair.available('photos-dr', there);
  return pair;
}

function windowAnHourAgo(now: number): string {
  const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
  return `${clock(now - 3_600_000)}-${clock(now - 1_800_000)}`;
}

export function realRds(sandbox: RealSandbox): RealRds {
  const rds: RealRds['rds'] = (operation, input, region = here) => {
    // AWS time begins with the machine's, and no daily backup is to come between.
    const quiet =
      operation === 'CreateDBInstance' ? { PreferredBackupWindow: windowAnHourAgo(sandbox.clock.now()) } : {};
    const principal = sandbox.core.as('test');
    return sandbox.core.invoke({ service: 'rds', operation, region, input: { ...input, ...quiet }, principal });
  };

  const instance: RealRds['instance'] = async (id, region = here) => {
    const input = { DBInstanceIdentifier: id };
    const { DBInstances: [found] = [] } = await rds<{ DBInstances?: DBInstance[] }>(
      'DescribeDBInstances',
      input,
      region,
    );
    return found ?? {};
  };

  const connect: RealRds['connect'] = async (id, region = here, from = region, patience = 5000) => {
    const { Endpoint: { Address: name = '', Port: port = 0 } = {} } = await instance(id, region);
    const [host = ''] = sandbox.network.resolve(name, 'A', from)?.values ?? [];
    const localAddress = sandbox.network.allocate(from);
    const connection = await createConnection({
      stream: () => connectTcp({ host, port: sandbox.network.boundPort(port), localAddress }),
      user: photos.MasterUsername,
      password: real.password,
      database: 'photos',
      connectTimeout: patience,
    });
    connection.on('error', () => {});
    return connection;
  };

  const real: RealRds = {
    sandbox,
    password: photos.MasterUserPassword,
    rds,
    instance,
    connect,
    async available(id, region = here, done = () => true) {
      return vi.waitFor(
        async () => {
          const one = await instance(id, region);
          if (one.DBInstanceStatus !== 'available' || !done(one)) throw new Error(`${id} is ${JSON.stringify(one)}`);
          return one;
        },
        { timeout: 30_000, interval: 20 },
      );
    },
    async sql(id, statement, region = here) {
      const connection = await connect(id, region);
      try {
        const [rows] = await connection.query({ sql: statement, timeout: 10_000 });
        return Array.isArray(rows) ? (rows as SqlRow[]) : [];
      } finally {
        connection.destroy();
      }
    },
  };
  return real;
}
