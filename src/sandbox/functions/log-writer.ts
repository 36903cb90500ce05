/**
 * A function's lines on their way to CloudWatch Logs. They are written by the function's own role: without its `logs:` permissions the
 * function runs and nothing of it is seen. Source: Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs".
 */

import { sleep } from '../../kernel/clock.ts';
import type { Principal, SandboxCore } from '../contract.ts';
import { codeOf } from '../contract.ts';
import { isOutage, isThrottling } from '../limits/transient.ts';

export interface LogDestination {
  readonly region: string;
  readonly principal: Principal;
  readonly logGroup: string;
  readonly logStream: string;
}

/** Milliseconds of AWS time between tries, and how many: not published, an engineering estimate. */
const pause = 2000;
const tries = 5;

/** Never rejects: what can't be written is lost, and the sandbox's log says so. */
export async function writeLog(
  core: SandboxCore,
  to: LogDestination,
  events: readonly { timestamp: number; message: string }[],
): Promise<void> {
  const { region, logGroup: logGroupName } = to;
  for (let left = tries; left > 0; left--) {
    try {
      await write(core, to, events);
      return;
    } catch (error) {
      // IAM tells of a refusal once; a poller's function would repeat it every second.
      if (codeOf(error) === 'AccessDeniedException') return;
      if (left > 1 && (isOutage(error) || isThrottling(error))) await sleep(core.region(region).clock, pause);
      else core.log({ service: 'lambda', region, text: `log of ${logGroupName} wasn't written`, error });
      if (!isOutage(error) && !isThrottling(error)) return;
    }
  }
}

/** The group is asked for only where there is none: a role without `logs:CreateLogGroup` can write to one that was made for it. */
async function write(
  core: SandboxCore,
  { region, principal, logGroup: logGroupName, logStream: logStreamName }: LogDestination,
  logEvents: readonly { timestamp: number; message: string }[],
): Promise<void> {
  const logs = (operation: string, input: unknown): Promise<unknown> =>
    core.invoke({ service: 'logs', operation, region, input, principal });
  const stream = () => logs('CreateLogStream', { logGroupName, logStreamName }).catch(unless(existing));
  const put = () => logs('PutLogEvents', { logGroupName, logStreamName, logEvents });
  try {
    await put();
  } catch (error) {
    unless(missing)(error);
    await stream().catch(async (failure: unknown) => {
      unless(missing)(failure);
      await logs('CreateLogGroup', { logGroupName }).catch(unless(existing));
      await stream();
    });
    await put();
  }
}

const missing = 'ResourceNotFoundException';
const existing = 'ResourceAlreadyExistsException';

const unless =
  (code: string) =>
  (error: unknown): void => {
    if (codeOf(error) !== code) throw error;
  };
