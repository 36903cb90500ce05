/**
 * The REST protocols' bindings: which members of an input or output travel in the path, the query string, headers, the status and
 * the body. What a body holds is written as XML or as JSON.
 */

import type { Readable } from 'node:stream';
import { json, structureFromDocument, structureToDocument } from './documents.ts';
import type { RequestBody } from './message.ts';
import type { Leaf, Member, Structure, TimestampFormat } from './shapes.ts';
import { fromText, InputError, malformed, toText, unfit } from './values.ts';
import { arrayOf, checkUnion, namespaceAttribute, recordOf, structureFromXml, structureToXml, tag } from './xml.ts';
import { parseXml } from './xml-document.ts';

/** How a REST service writes bodies. */
export interface BodyFormat {
  readonly contentType: string;
  parse(shape: Structure, body: Uint8Array, members: readonly Member[]): Record<string, unknown>;
  /** `name` is the root element's, where there is one. */
  print(shape: Structure, name: string, value: unknown, members: readonly Member[]): string | Uint8Array;
}

export const jsonBody: BodyFormat = {
  contentType: 'application/json',
  parse: (shape, body, members) => structureFromDocument(json, shape, json.parse(body), '', members),
  print: (shape, _name, value, members) => json.print(structureToDocument(json, shape, value, '', members)),
};

export const xmlBody = (namespace: string): BodyFormat => ({
  contentType: 'application/xml',
  parse: (shape, body, members) => structureFromXml(shape, parseXml(Buffer.from(body).toString('utf8')), '', members),
  print: (shape, name, value, members) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n${tag(name, structureToXml(shape, value, '', members), namespaceAttribute(namespace))}`,
});

/** Where each member of a structure travels. */
interface Bindings {
  readonly labels: readonly Member[];
  readonly queries: readonly Member[];
  readonly headers: readonly Member[];
  readonly prefixes: readonly Member[];
  readonly payload: Member | undefined;
  readonly status: Member | undefined;
  readonly body: readonly Member[];
}

const known = new WeakMap<Structure, Bindings>();

export function bindingsOf(shape: Structure): Bindings {
  const found = known.get(shape);
  if (found !== undefined) return found;
  const { members } = shape;
  const bindings: Bindings = {
    labels: members.filter(({ traits }) => traits.httpLabel === 1),
    queries: members.filter(({ traits }) => traits.httpQuery !== undefined),
    headers: members.filter(({ traits }) => traits.httpHeader !== undefined),
    prefixes: members.filter(({ traits }) => traits.httpPrefixHeaders !== undefined),
    payload: members.find(({ traits }) => traits.httpPayload === 1),
    status: members.find(({ traits }) => traits.httpResponseCode === 1),
    body: members.filter(
      ({ traits }) =>
        traits.httpLabel !== 1 &&
        traits.httpQuery === undefined &&
        traits.httpHeader === undefined &&
        traits.httpPrefixHeaders === undefined &&
        traits.httpPayload !== 1 &&
        traits.httpResponseCode !== 1,
    ),
  };
  known.set(shape, bindings);
  return bindings;
}

export interface RestRequest {
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody;
}

export async function inputFromRest(
  format: BodyFormat,
  shape: Structure,
  request: RestRequest,
): Promise<Record<string, unknown>> {
  const bindings = bindingsOf(shape);
  const value: Record<string, unknown> = {};
  for (const { name, shape: target } of bindings.labels) {
    const text = request.labels[name];
    if (text !== undefined) value[name] = boundValue(leafOf(target, name), text, 'date-time', name);
  }
  for (const { name, shape: target, traits } of bindings.queries) {
    const texts = request.query.getAll(traits.httpQuery ?? '');
    const [text] = texts;
    if (text === undefined) continue;
    value[name] =
      target.kind === 'list'
        ? texts.map((item) => boundValue(leafOf(target.item.shape, name), item, 'date-time', name))
        : boundValue(leafOf(target, name), text, 'date-time', name);
  }
  for (const member of bindings.headers) {
    const text = request.headers[headerOf(member)];
    if (text !== undefined) value[member.name] = headerFrom(member, text);
  }
  for (const { name, traits } of bindings.prefixes) {
    const prefix = (traits.httpPrefixHeaders ?? '').toLowerCase();
    const held = Object.entries(request.headers).filter(([header]) => header.startsWith(prefix));
    if (held.length > 0)
      value[name] = Object.fromEntries(held.map(([header, text]) => [header.slice(prefix.length), text]));
  }
  if (bindings.payload !== undefined) {
    const payload = await payloadFrom(format, bindings.payload, request.body);
    if (payload !== undefined) value[bindings.payload.name] = payload;
  } else if (bindings.body.length > 0) {
    const bytes = await request.body.whole();
    if (bytes.byteLength > 0) Object.assign(value, format.parse(shape, bytes, bindings.body));
  }
  checkUnion(shape, value, '');
  return value;
}

export interface RestParts {
  readonly headers: Record<string, string>;
  readonly status: number | undefined;
  readonly body: string | Uint8Array | Readable | undefined;
}

export function outputToRest(format: BodyFormat, shape: Structure, value: unknown): RestParts {
  const bindings = bindingsOf(shape);
  const record = recordOf(value ?? {}, shape.name);
  const headers: Record<string, string> = {};
  for (const member of bindings.headers) {
    const held = record[member.name];
    if (held !== undefined && held !== null) headers[headerOf(member)] = headerTo(member, held);
  }
  for (const { name, traits } of bindings.prefixes) {
    for (const [key, held] of Object.entries(recordOf(record[name] ?? {}, name))) {
      if (typeof held === 'string') headers[`${traits.httpPrefixHeaders}${key}`.toLowerCase()] = safe(held);
    }
  }
  const status = bindings.status === undefined ? undefined : record[bindings.status.name];
  let body: RestParts['body'];
  if (bindings.payload !== undefined) {
    const held = record[bindings.payload.name];
    if (held !== undefined && held !== null) {
      body = payloadTo(format, bindings.payload, held);
      headers['content-type'] ??=
        bindings.payload.shape.kind === 'structure' ? format.contentType : 'application/octet-stream';
    }
  } else if (bindings.body.length > 0) {
    body = format.print(shape, shape.traits.xmlName ?? shape.name, record, bindings.body);
    headers['content-type'] ??= format.contentType;
  }
  return { headers, status: typeof status === 'number' ? status : undefined, body };
}

const headerOf = ({ traits }: Member): string => (traits.httpHeader ?? '').toLowerCase();

function leafOf(shape: Member['shape'], name: string): Leaf {
  if (shape.kind === 'structure' || shape.kind === 'list' || shape.kind === 'map') {
    throw new Error(`${name} is a ${shape.kind}, which can't travel in a path, query string or header.`);
  }
  return shape;
}

function boundValue(leaf: Leaf, text: string, format: TimestampFormat, name: string): unknown {
  try {
    return fromText(leaf, text, format, name);
  } catch (error) {
    throw error instanceof InputError ? new InputError('invalid', error.message) : error;
  }
}

function headerFrom({ name, shape }: Member, text: string): unknown {
  if (shape.kind !== 'list') return boundValue(leafOf(shape, name), text.trim(), 'http-date', name);
  const leaf = leafOf(shape.item.shape, name);
  return (text.match(/(?:"(?:[^"\\]|\\.)*"|[^,])+/g) ?? []).map((item) =>
    boundValue(leaf, unquote(item.trim()), 'http-date', name),
  );
}

const unquote = (text: string): string =>
  text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1).replace(/\\(["\\])/g, '$1') : text;

function headerTo({ name, shape }: Member, value: unknown): string {
  if (shape.kind !== 'list') return safe(toText(leafOf(shape, name), value, 'http-date', name));
  const leaf = leafOf(shape.item.shape, name);
  return arrayOf(value, name)
    .map((item) => safe(quote(toText(leaf, item, 'http-date', name))))
    .join(',');
}

const quote = (text: string): string => (/[",]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text);

/** Text a header can't hold travels as AWS sends it: in the encoded words of RFC 2047. */
const safe = (text: string): string =>
  /^[\t\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

async function payloadFrom(format: BodyFormat, { name, shape, traits }: Member, body: RequestBody): Promise<unknown> {
  if (traits.streaming === 1 && shape.kind === 'blob') return body.stream();
  const bytes = await body.whole();
  if (bytes.byteLength === 0) return undefined;
  if (shape.kind === 'blob') return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (shape.kind === 'string') return Buffer.from(bytes).toString('utf8');
  if (shape.kind === 'structure') return format.parse(shape, bytes, shape.members);
  throw malformed(name, `a ${shape.kind}`);
}

function payloadTo(format: BodyFormat, { name, shape, traits }: Member, value: unknown): RestParts['body'] {
  if (shape.kind === 'structure') {
    return format.print(shape, traits.xmlName ?? shape.traits.xmlName ?? shape.name, value, shape.members);
  }
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  if (typeof value === 'object' && value !== null && 'pipe' in value) return value as Readable;
  throw unfit(name, 'bytes or a stream', value);
}
