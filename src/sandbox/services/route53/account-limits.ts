/** How many health checks and zones an account has, of how many it may have. Source: Route 53 Developer Guide, "Quotas". */

import type { GetAccountLimitCommandInput, GetAccountLimitCommandOutput } from '@aws-sdk/client-route-53';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { unsupported } from '../events/refuse.ts';
import { route53Tables } from './rows.ts';

export function accountLimitOperations(core: SandboxCore): Record<string, AnyOperation> {
  const { checks, zones } = route53Tables(core);
  return {
    GetAccountLimit: operation<GetAccountLimitCommandInput, Omit<GetAccountLimitCommandOutput, '$metadata'>>(
      ({ Type }) => {
        if (Type === 'MAX_HEALTH_CHECKS_BY_OWNER') return { Limit: { Type, Value: 200 }, Count: checks.size };
        if (Type === 'MAX_HOSTED_ZONES_BY_OWNER') return { Limit: { Type, Value: 500 }, Count: zones.size };
        throw unsupported(`the account limit ${Type}`);
      },
    ),
  };
}
