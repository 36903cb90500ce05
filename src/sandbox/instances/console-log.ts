/** An instance's console: what its user data wrote. Programs of the image write to their own logs, as services do on AWS. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxCore } from '../contract.ts';
import { userDataMachine } from './user-data-run.ts';

/** EC2 keeps the last 64 KB. Source: EC2 API, GetConsoleOutput. */
const kept = 64 * 1024;

/** Undefined where nothing was written. */
export function consoleLog(core: SandboxCore, region: string, instanceId: string): string | undefined {
  const file = join(core.directory, region, 'logs', `${userDataMachine(instanceId)}.log`);
  try {
    return readFileSync(file).subarray(-kept).toString('utf8');
  } catch {
    return undefined;
  }
}
