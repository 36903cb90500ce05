// @ts-check
/** One health check of one target: what failed, with AWS's reason code, or undefined when it passed. */

import { request } from 'node:http';

/** @import { HealthCheckSpec, TargetSpec } from './configuration.ts' */

/**
 * @param {TargetSpec} target
 * @param {HealthCheckSpec} check
 * @param {string | undefined} source
 * @returns {Promise<{ reason: string, description: string } | undefined>}
 */
export function checkTarget(target, check, source) {
  const timedOut = { reason: 'Target.Timeout', description: 'Request timed out' };
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      asked?.destroy();
      resolve(timedOut);
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

/** @param {string} matcher @param {number} status */
export function matches(matcher, status) {
  return matcher.split(',').some((part) => {
    const [from = '', to = from] = part.trim().split('-');
    return Number(from) <= status && status <= Number(to);
  });
}
