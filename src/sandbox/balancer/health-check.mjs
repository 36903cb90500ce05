// @ts-check
/** One health check of one target: what failed, with AWS's reason code, or undefined when it passed. */

import { request } from 'node:http';

/** @import { HealthCheckSpec, TargetSpec } from './configuration.ts' */

/** Real milliseconds every check gets, however fast AWS time runs: what a busy machine needs isn't a target's fault. */
const leastPatience = 250;

/**
 * @param {TargetSpec} target
 * @param {HealthCheckSpec} check
 * @param {string | undefined} source
 * @returns {Promise<{ reason: string, description: string } | undefined>}
 */
export function checkTarget(target, check, source) {
  const timedOut = { reason: 'Target.Timeout', description: 'Request timed out' };
  return new Promise((resolve) => {
    const machineTime = realPause(leastPatience);
    const timer = setTimeout(() => {
      void machineTime.then(() => {
        asked?.destroy();
        resolve(timedOut);
      });
    }, 1000 * check.timeoutSeconds);
    /** @param {{ reason: string, description: string } | undefined} result */
    const settle = (result) => {
      clearTimeout(timer);
      resolve(result);
    };
    const asked = target.admitted ? ask() : undefined;

    function ask() {
      const options = {
        host: target.host,
        port: target.checkPort,
        path: check.path,
        agent: false,
        headers: {
          host: `${target.host}:${target.checkPort}`,
          'user-agent': 'ELB-HealthChecker/2.0',
          connection: 'close',
        },
        ...(source === undefined ? {} : { localAddress: source }),
      };
      const sent = request(options, (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        response.on('error', () => {});
        settle(
          matches(check.matcher, status)
            ? undefined
            : {
                reason: 'Target.ResponseCodeMismatch',
                description: `Health checks failed with these codes: [${status}]`,
              },
        );
      });
      sent.on('error', () => settle({ reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }));
      sent.end();
      return sent;
    }
  });
}

/**
 * Waits on real time, whatever AWS time does: the timers of this process are AWS time's.
 * @param {number} milliseconds
 * @returns {Promise<unknown>}
 */
function realPause(milliseconds) {
  const word = new Int32Array(new SharedArrayBuffer(4));
  return /** @type {any} */ (Atomics).waitAsync(word, 0, 0, milliseconds).value;
}

/** @param {string} matcher @param {number} status */
export function matches(matcher, status) {
  return matcher.split(',').some((part) => {
    const [from = '', to = from] = part.trim().split('-');
    return Number(from) <= status && status <= Number(to);
  });
}
