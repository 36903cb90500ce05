/** The distribution's own `mariadb` client in front of an instance, as somebody on a machine in the Region would use it. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { RealRds } from './real-rds.ts';
import { photos } from './service-test.ts';

export interface MysqlClient {
  /** What the client prints of some statements; rejects with what it complains of. */
  run(statements: string, account?: { readonly user: string; readonly password: string }): Promise<string>;
  /** `SHOW REPLICA STATUS\G` by field. */
  replicaStatus(): Promise<Readonly<Record<string, string>>>;
  close(): void;
}

export async function mysqlClient(real: RealRds, id: string, region: string): Promise<MysqlClient> {
  const lead = async (caller: Socket): Promise<void> => {
    const { Endpoint: { Address: name = '', Port: port = 0 } = {} } = await real.instance(id, region);
    const { network } = real.sandbox;
    const [host = ''] = network.resolve(name, 'A', region)?.values ?? [];
    const inner = connect({ host, port: network.boundPort(port), localAddress: network.allocate(region) });
    for (const [one, other] of [
      [caller, inner],
      [inner, caller],
    ] as const) {
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  };
  const door = createServer((caller) => void lead(caller).catch(() => caller.destroy()));
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const bound = door.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;

  const run: MysqlClient['run'] = (statements, account = { user: photos.MasterUsername, password: real.password }) =>
    new Promise((resolve, reject) => {
      const address = ['--protocol=tcp', '--host=127.0.0.1', `--port=${port}`, '--connect-timeout=10'];
      const as = [`--user=${account.user}`, `--password=${account.password}`];
      const client = execFile(
        'mariadb',
        ['--no-defaults', ...address, ...as, '--batch'],
        (error, output, complaint) => {
          if (error === null) resolve(output);
          else reject(new Error(complaint.trim()));
        },
      );
      client.stdin?.end(statements);
    });

  return {
    run,
    async replicaStatus() {
      const lines = (await run('SHOW REPLICA STATUS\\G')).split('\n');
      return Object.fromEntries(
        lines.flatMap((line) => {
          const [, field = '', value = ''] = /^\s*(\w+): ?(.*)$/.exec(line) ?? [];
          return field === '' ? [] : [[field, value]];
        }),
      );
    },
    close: () => void door.close(),
  };
}
