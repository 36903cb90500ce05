// @ts-check
/** Which rule of a listener a request meets, and where a redirect leads. */

import { isSecure } from './forward.mjs';

/** @import { IncomingMessage } from 'node:http' */
/** @import { ActionSpec, ConditionSpec, RuleSpec } from './configuration.ts' */

/** @param {readonly RuleSpec[]} rules @param {IncomingMessage} request @returns {ActionSpec | undefined} */
export function firstMatch(rules, request) {
  return rules.find((rule) => rule.conditions.every((condition) => meets(condition, request)))?.action;
}

/** @param {ConditionSpec} condition @param {IncomingMessage} request */
function meets(condition, request) {
  const [path = ''] = (request.url ?? '').split('?');
  switch (condition.field) {
    case 'path-pattern':
      return condition.values.some((pattern) => wildcard(pattern, '').test(path));
    case 'host-header':
      return condition.values.some((pattern) => wildcard(pattern, 'i').test(hostOf(request)));
    case 'http-request-method':
      return condition.values.includes(request.method ?? '');
    case 'http-header': {
      const value = request.headers[condition.name.toLowerCase()];
      return value !== undefined && condition.values.some((pattern) => wildcard(pattern, 'i').test(String(value)));
    }
  }
}

/** @param {string} pattern @param {string} flags */
function wildcard(pattern, flags) {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, flags);
}

/** @param {IncomingMessage} request */
const hostOf = (request) => (request.headers.host ?? '').replace(/:\d+$/, '');

/**
 * @param {Extract<ActionSpec, { type: 'redirect' }>} action
 * @param {IncomingMessage} request
 * @param {number} listenerPort
 */
export function redirectLocation(action, request, listenerPort) {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  /** @param {string} text */
  const filled = (text) =>
    text
      .replaceAll('#{protocol}', isSecure(request) ? 'HTTPS' : 'HTTP')
      .replaceAll('#{host}', hostOf(request))
      .replaceAll('#{port}', String(listenerPort))
      .replaceAll('#{path}', path.replace(/^\//, ''))
      .replaceAll('#{query}', query);
  const newQuery = filled(action.query);
  const port = filled(action.port);
  return `${filled(action.protocol).toLowerCase()}://${filled(action.host)}:${port}${filled(action.path)}${newQuery === '' ? '' : `?${newQuery}`}`;
}
