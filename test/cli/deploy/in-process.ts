/** SDK clients whose calls go straight to a test sandbox, without a wire; and AWS time that runs while something is under way. */

import { Readable } from 'node:stream';
import type { DeployClients } from '../../../src/cli/deploy/deploy-assembly.ts';
import type { Principal } from '../../../src/sandbox/contract.ts';
import type { TestSandbox } from '../../support/test-sandbox.ts';

interface Command {
  readonly input: Record<string, unknown>;
}

export function inProcessClients(sandbox: TestSandbox, principal?: Principal): (region: string) => DeployClients {
  const client = (service: string, region: string) => async () => ({
    send(command: Command) {
      const { input } = command;
      const body = input.Body instanceof Uint8Array ? { Body: Readable.from([input.Body]) } : {};
      return sandbox.call(
        service,
        command.constructor.name.replace(/Command$/, ''),
        { ...input, ...body },
        region,
        principal,
      );
    },
  });
  return (region) =>
    ({
      cloudFormation: client('cloudformation', region),
      s3: client('s3', region),
      ssm: client('ssm', region),
      sts: client('sts', region),
    }) as unknown as DeployClients;
}

/** Lets AWS time run, a second at a time, until `work` has settled. */
export async function whileTimeRuns<T>(sandbox: TestSandbox, work: Promise<T>): Promise<T> {
  let settled = false;
  const noted = work.finally(() => {
    settled = true;
  });
  noted.catch(() => {});
  while (!settled) await sandbox.clock.advance(1000);
  return noted;
}
