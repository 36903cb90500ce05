/**
 * The contract, run against the sandbox; and against AWS with `PILOT_LIGHT_CONTRACT=aws` and credentials in the environment.
 * `PILOT_LIGHT_CONTRACT_COST=dollars` also runs there what costs more than cents, `PILOT_LIGHT_CONTRACT_DANGER=yes` what touches more
 * than its own names.
 */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { awsHost } from './aws-target.ts';
import { contract } from './cases.ts';
import { sandboxHost } from './sandbox-target.ts';
import { skipReason } from './skips.ts';
import type { TargetHost } from './target-host.ts';
import { targetOn } from './target-host.ts';
import { virtualRdsHost } from './virtual-target.ts';

const onAws = process.env.PILOT_LIGHT_CONTRACT === 'aws';
const wishes = {
  cost: process.env.PILOT_LIGHT_CONTRACT_COST === 'dollars' ? ('dollars' as const) : ('cents' as const),
  danger: process.env.PILOT_LIGHT_CONTRACT_DANGER === 'yes',
};

let host: TargetHost;
beforeAll(async () => {
  host = await (onAws ? awsHost() : sandboxHost());
});
afterAll(() => host?.close());

/** Services whose cases are mostly waiting: each case gets a sandbox of its own, on a clock that doesn't wait. */
const virtual: Readonly<Record<string, () => TargetHost>> = { rds: virtualRdsHost };

describe.each(Object.entries(contract))('%s', (service, cases) => {
  for (const given of cases) {
    const reason = onAws ? skipReason(given, wishes) : undefined;
    const timeout = onAws ? 60_000 + (given.minutes ?? 1) * 120_000 : 60_000;
    test(given.name, { timeout }, async (context) => {
      if (reason !== undefined) context.skip(reason);
      const own = onAws ? undefined : virtual[service];
      await using target = targetOn(own?.() ?? host);
      await given.run(target);
    });
  }
});
