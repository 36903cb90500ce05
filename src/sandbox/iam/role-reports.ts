/** The report of every role of the account, those that were never used among them. */

import type { SandboxCore, Service } from '../contract.ts';
import { iamTables } from '../services/iam/rows.ts';
import { knownActions } from './actions.ts';
import { identityPolicies } from './caller.ts';
import type { RoleUsage } from './usage.ts';
import type { RoleReport } from './usage-report.ts';
import { roleReport } from './usage-report.ts';

/** By name. `usage` is the authorizer's; a role that is gone is reported with what it did. */
export function roleReports(
  core: SandboxCore,
  usage: readonly RoleUsage[],
  services: readonly Pick<Service, 'name' | 'iamPrefix' | 'operations'>[],
): RoleReport[] {
  const { roles } = iamTables(core);
  const catalogue = knownActions(services);
  const names = new Set([...usage.map(({ role }) => role), ...roles.values().map(({ name }) => name)]);
  return [...names].sort().map((role) => {
    const row = roles.get(role);
    const record = usage.find((one) => one.role === role) ?? { role, allowed: [], denied: [] };
    return roleReport(record, row === undefined ? [] : identityPolicies(core, row), catalogue);
  });
}
