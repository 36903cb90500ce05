/** Whether an accelerator has anyone to send to, for aliases with EvaluateTargetHealth. */

import type { SandboxCore } from '../../contract.ts';
import { acceleratorTables } from './rows.ts';

/** Undefined for a name that is no accelerator's. */
export function acceleratorIsHealthy(core: SandboxCore, dnsName: string): boolean | undefined {
  if (!dnsName.endsWith('.awsglobalaccelerator.com')) return undefined;
  const { accelerators, served, health } = acceleratorTables(core);
  const row = accelerators.values().find((one) => one.dnsName === dnsName);
  const { enabled = false, listeners = [] } = served.get(row?.arn ?? '') ?? {};
  const endpoints = listeners.flatMap(({ groups }) => groups.flatMap((group) => group.endpoints));
  return enabled && endpoints.some(({ id }) => health.get(id)?.healthy === true);
}
