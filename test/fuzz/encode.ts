/**
 * Writes values as the protocols do, without minding whether they fit: what no client would send must arrive as it was drawn.
 */

import { cbor } from '@smithy/core/cbor';
import type { Api, ApiOperation } from '../../src/sandbox/protocols/api.ts';
import { bindingsOf } from '../../src/sandbox/protocols/rest.ts';
import type { Member, Shape } from '../../src/sandbox/protocols/shapes.ts';
import type { Draw } from './draw.ts';
import type { FuzzRequest } from './request.ts';

export function encode(draw: Draw, api: Api, operation: ApiOperation, value: Record<string, unknown>): FuzzRequest {
  const { protocol, service } = api;
  if (protocol === 'restJson' || protocol === 'restXml') return inRest(api, operation, value);
  if (service === 'monitoring' && draw.once(3)) return inCbor(api, operation, value);
  if (protocol === 'json' || ((service === 'sqs' || service === 'monitoring') && draw.once(2))) {
    return inJson(draw, api, operation, value);
  }
  return inForm(api, operation, value);
}

const post = (api: Api, headers: Record<string, string>, body: Uint8Array | string, path = '/'): FuzzRequest => ({
  service: api.service,
  method: 'POST',
  path,
  query: '',
  headers,
  body: Buffer.from(body),
});

const inJson = (draw: Draw, api: Api, { name }: ApiOperation, value: unknown): FuzzRequest =>
  post(
    api,
    {
      'content-type': `application/x-amz-json-1.${draw.below(2)}`,
      'x-amz-target': `${api.target}.${name}`,
      ...(draw.once(4) ? { 'x-amzn-query-mode': 'true' } : {}),
    },
    JSON.stringify(value),
  );

const inCbor = (api: Api, { name }: ApiOperation, value: unknown): FuzzRequest =>
  post(
    api,
    { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    cbor.serialize(value),
    `/service/${api.target}/operation/${name}`,
  );

function inForm(api: Api, { name, input }: ApiOperation, value: Record<string, unknown>): FuzzRequest {
  const form = new URLSearchParams({ Action: name, Version: api.version });
  const flat = api.protocol === 'ec2Query';
  for (const [key, held] of Object.entries(value)) {
    const member = input.byName.get(key);
    place(form, formName(member, key, flat), member?.shape, held, flat, member?.traits.xmlFlattened === 1);
  }
  return post(api, { 'content-type': 'application/x-www-form-urlencoded' }, form.toString());
}

function formName(member: Member | undefined, key: string, ec2: boolean): string {
  const name = member?.traits.xmlName ?? key;
  if (!ec2) return name;
  return member?.traits.ec2QueryName ?? name.charAt(0).toUpperCase() + name.slice(1);
}

function place(
  form: URLSearchParams,
  name: string,
  shape: Shape | undefined,
  value: unknown,
  ec2: boolean,
  flattened = false,
): void {
  if (Array.isArray(value)) {
    const item = shape?.kind === 'list' ? shape.item : undefined;
    const prefix = ec2 || flattened ? name : `${name}.${item?.traits.xmlName ?? 'member'}`;
    for (const [index, held] of value.entries()) place(form, `${prefix}.${index + 1}`, item?.shape, held, ec2);
    return;
  }
  if (typeof value !== 'object' || value === null) {
    form.append(name, String(value));
    return;
  }
  if (shape?.kind === 'map') {
    const prefix = flattened ? name : `${name}.entry`;
    Object.entries(value).forEach(([key, held], index) => {
      form.append(`${prefix}.${index + 1}.${shape.key.traits.xmlName ?? 'key'}`, key);
      place(form, `${prefix}.${index + 1}.${shape.value.traits.xmlName ?? 'value'}`, shape.value.shape, held, ec2);
    });
    return;
  }
  for (const [key, held] of Object.entries(value)) {
    const member = shape?.kind === 'structure' ? shape.byName.get(key) : undefined;
    place(form, `${name}.${formName(member, key, ec2)}`, member?.shape, held, ec2, member?.traits.xmlFlattened === 1);
  }
}

function inRest(api: Api, { input, traits }: ApiOperation, value: Record<string, unknown>): FuzzRequest {
  const [method = 'POST', template = '/'] = traits.http ?? [];
  const { labels, queries, headers: bound, prefixes, payload, body } = bindingsOf(input);
  const [pathTemplate = '/', fixed = ''] = template.split('?');
  const text = (name: string): string => {
    const held = value[name];
    return held === undefined ? '' : typeof held === 'string' ? held : JSON.stringify(held);
  };
  let path = pathTemplate.replace(/\{(\w+)(\+?)\}/g, (_whole, name: string, greedy: string) => {
    const encoded = encodeText(text(name));
    return greedy === '' ? encoded : encoded.replaceAll('%2F', '/');
  });
  if (api.service === 's3' && labels.some(({ name }) => name === 'Bucket') && !pathTemplate.includes('{Bucket}')) {
    path = `/${encodeText(text('Bucket'))}${path}`;
  }
  const query = fixed === '' ? [] : [fixed];
  for (const { name, traits: own } of queries) {
    if (!(name in value)) continue;
    for (const item of [value[name]].flat()) query.push(`${own.httpQuery}=${encodeText(String(item))}`);
  }
  const headers: Record<string, string> = {};
  for (const { name, traits: own } of bound) {
    if (name in value) headers[(own.httpHeader ?? '').toLowerCase()] = printable(text(name));
  }
  for (const { name, traits: own } of prefixes) {
    for (const [key, held] of Object.entries(Object(value[name]))) {
      const header = `${own.httpPrefixHeaders}${key}`.toLowerCase().replace(/[^a-z0-9-]/g, '');
      headers[header] = printable(String(held));
    }
  }
  const members = Object.fromEntries(body.filter(({ name }) => name in value).map(({ name }) => [name, value[name]]));
  let bytes = '';
  if (payload !== undefined) {
    const held = value[payload.name];
    if (held !== undefined) {
      bytes =
        payload.shape.kind === 'structure'
          ? printed(api, payload.traits.xmlName ?? payload.shape.name, payload.shape, held)
          : text(payload.name);
    }
  } else if (body.length > 0) bytes = printed(api, `${input.traits.xmlName ?? input.name}`, input, members);
  return { service: api.service, method, path, query: query.join('&'), headers, body: Buffer.from(bytes) };
}

const printed = (api: Api, name: string, shape: Shape, value: unknown): string =>
  api.protocol === 'restJson' ? JSON.stringify(value) : element(name, shape, value);

function element(name: string, shape: Shape | undefined, value: unknown): string {
  const tag = /^[A-Za-z_][\w.-]*$/.test(name) ? name : 'x';
  const inside = content(shape, value);
  return `<${tag}>${inside}</${tag}>`;
}

function content(shape: Shape | undefined, value: unknown): string {
  if (Array.isArray(value)) {
    const item = shape?.kind === 'list' ? shape.item : undefined;
    return value.map((held) => element(item?.traits.xmlName ?? 'member', item?.shape, held)).join('');
  }
  if (typeof value !== 'object' || value === null) {
    return String(value).replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  }
  return Object.entries(value)
    .map(([key, held]) => {
      const member = shape?.kind === 'structure' ? shape.byName.get(key) : undefined;
      const name = member?.traits.xmlName ?? key;
      if (member?.traits.xmlFlattened === 1 && Array.isArray(held) && member.shape.kind === 'list') {
        const { item } = member.shape;
        return held.map((one) => element(name, item.shape, one)).join('');
      }
      return element(name, member?.shape, held);
    })
    .join('');
}

/** Also what `encodeURIComponent` refuses: half of a pair is written as the bytes it never has. */
const encodeText = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Headers are lines: what would end one is left to the damage done later. */
const printable = (text: string): string =>
  Buffer.from(text)
    .toString('latin1')
    .replace(/[\r\n\0]/g, '');
