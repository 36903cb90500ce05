/**
 * A request to a function URL as the function's event, and its result as the answer. Source: Lambda Developer Guide, "Invoking Lambda
 * function URLs"; payload format version 2.0.
 */

import type { UrlRow } from './rows.ts';

export interface UrlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Names and values in turns. */
  readonly headers: readonly string[];
  readonly source: string;
  readonly body: Buffer;
}

export interface UrlReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
}

export const domainOf = (region: string, { id }: UrlRow): string => `${id}.lambda-url.${region}.on.aws`;

export function eventOf(
  { body, headers, method, path, query, source }: UrlRequest,
  { now, region, requestId, row }: { region: string; row: UrlRow; requestId: string; now: number },
): object {
  const given = headersIn(headers);
  const { cookie, ...rest } = given;
  const isText = textual.test(given['content-type'] ?? '');
  const parameters = parametersIn(query);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    headers: {
      ...rest,
      'x-forwarded-for': source,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      host: domainOf(region, row),
    },
    ...(Object.keys(parameters).length === 0 ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId: 'anonymous',
      apiId: row.id,
      domainName: domainOf(region, row),
      domainPrefix: row.id,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: source, userAgent: given['user-agent'] ?? '' },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: clockTime(now),
      timeEpoch: now,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** A form isn't among them: its body comes in Base64 (https://github.com/brefphp/bref/issues/631). */
const textual = /^(text\/|application\/(json|javascript|xml)|[^;]*\+(json|xml))/i;

/** A result without a status is the body, as JSON. */
export function answerOf(payload: string): UrlReply {
  const result = JSON.parse(payload) as unknown;
  const json = { 'content-type': 'application/json' };
  if (typeof result !== 'object' || result === null || !('statusCode' in result))
    return { status: 200, headers: json, body: typeof result === 'string' ? result : payload };
  const { body, cookies, headers, isBase64Encoded, statusCode } = result as {
    statusCode: unknown;
    headers?: Readonly<Record<string, unknown>>;
    body?: unknown;
    cookies?: readonly string[];
    isBase64Encoded?: unknown;
  };
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  return {
    status: Number(statusCode),
    headers: {
      ...json,
      ...(Object.fromEntries(given) as Record<string, string>),
      ...(cookies === undefined ? {} : { 'set-cookie': [...cookies] }),
    },
    body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text,
  };
}

function headersIn(raw: readonly string[]): Record<string, string> {
  const headers = Object.create(null) as Record<string, string>;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? '';
    if (name === 'connection') continue;
    headers[name] = headers[name] === undefined ? (raw[at + 1] ?? '') : `${headers[name]},${raw[at + 1]}`;
  }
  return headers;
}

function parametersIn(query: string): Record<string, string> {
  const found = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(query))
    found[name] = found[name] === undefined ? value : `${found[name]},${value}`;
  return found;
}

/** `12/Mar/2020:19:03:58 +0000` */
function clockTime(now: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(now).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
