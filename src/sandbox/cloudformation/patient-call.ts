/**
 * CloudFormation's calls count against its caller's rates, as on AWS, and as on AWS it tries a throttled one again by itself, slower each
 * time, before it fails the resource. A service that can't answer is tried as often as its SDK would.
 */

import { sleep } from '../../kernel/clock.ts';
import type { SandboxCore } from '../contract.ts';
import { isOutage, isThrottling } from '../limits/transient.ts';

export async function patientCall<Output>(
  core: SandboxCore,
  region: string,
  call: () => Promise<Output>,
): Promise<Output> {
  const { clock } = core.region(region);
  const started = clock.now();
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const again = isThrottling(error) ? clock.now() - started < patience : isOutage(error) && tries < mostTries;
      if (!again) throw error;
      await sleep(clock, Math.min(longestWait, firstWait * 2 ** (tries - 1)) * (0.5 + core.random.next()));
    }
  }
}

/** Milliseconds of AWS time. CloudFormation's own schedule isn't published: an engineering estimate. */
const patience = 300_000;
const firstWait = 500;
const longestWait = 20_000;
const mostTries = 3;
