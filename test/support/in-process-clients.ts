/** The product's own clients against a sandbox in this process: no sockets, and time-outs on the sandbox's virtual clock. */

import type { Clients } from '../../src/aws/clients.ts';
import { clientsFor } from '../../src/aws/clients.ts';
import { sleep, wallClock } from '../../src/kernel/clock.ts';
import { inProcessHandler } from '../../src/sandbox/gateway/in-process.ts';
import type { TestSandbox } from './test-sandbox.ts';

const account = '111122223333';
const secretAccessKey = 'secret';

/** As they stand in Region `from`; an answer may take `patience` milliseconds. */
export function inProcessClients({ clock, core, dispatcher }: TestSandbox, from: string, patience = 3000) {
  const hangs = async (to: string): Promise<void> => {
    while (!core.network.reachable(from, to) && to !== from) await sleep(clock, 250);
  };
  const door = {
    core,
    dispatcher,
    credentials: () => ({
      secretAccessKey,
      principal: { kind: 'root' as const, account, arn: `arn:aws:iam::${account}:root` },
    }),
    wall: wallClock,
    crossing: (one: string, other: string) => hangs(one === from ? other : one),
  };
  const behind = inProcessHandler(door, from);
  const handler = {
    ...behind,
    handle: (...asked: Parameters<typeof behind.handle>) =>
      Promise.race([
        behind.handle(...asked),
        sleep(clock, patience).then(() => {
          throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
        }),
      ]),
  };
  return (region: string): Clients =>
    clientsFor(region, {
      endpoint: 'http://127.0.0.1:4566',
      credentials: { accessKeyId: 'AKIDTEST', secretAccessKey },
      attempts: 1,
      requestHandler: handler as never,
    });
}
