/** Values of the SDK's shapes to and from XML: bodies of REST-XML requests, and answers of the query and REST-XML protocols. */

import type { Dictionary, List, Member, Shape, Structure } from './shapes.ts';
import { fromText, InputError, malformed, toText, unfit } from './values.ts';
import type { XmlElement } from './xml-document.ts';
import { escapeXml } from './xml-document.ts';

/** A structure from an element; only `members` are looked for, which leaves out what travels in headers and the path. */
export function structureFromXml(
  shape: Structure,
  element: XmlElement,
  path: string,
  members: readonly Member[] = shape.members,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const byTag = groupByName(element.children);
  for (const member of members) {
    const tag = xmlNameOf(member);
    if (member.traits.xmlAttribute === 1) {
      const text = element.attributes.get(tag);
      if (text !== undefined) value[member.name] = text;
      continue;
    }
    const found = byTag.get(tag);
    byTag.delete(tag);
    const [first] = found ?? [];
    if (found !== undefined && first !== undefined) {
      value[member.name] = memberFromXml(member, first, found, join(path, member.name));
    }
  }
  const [unknown] = byTag.keys();
  if (unknown !== undefined) throw new InputError('malformed', `${join(path, unknown)} isn't known to ${shape.name}.`);
  checkUnion(shape, value, path);
  return value;
}

/** Refuses a union that doesn't have exactly one member. What is required is judged with the rest of the service's model. */
export function checkUnion(shape: Structure, value: Readonly<Record<string, unknown>>, path: string): void {
  if (shape.union && Object.keys(value).length !== 1) {
    throw malformed(path, `exactly one of ${shape.members.map(({ name }) => name).join(', ')}`);
  }
}

export const join = (path: string, name: string | number): string => (path === '' ? String(name) : `${path}.${name}`);

/** What a member is called on the wire. */
export const xmlNameOf = (member: Member): string => member.traits.xmlName ?? member.name;

/** An element with `content`, which is markup already. */
export const tag = (name: string, content: string, attributes = ''): string =>
  content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;

/** The content of a structure's element: its members, without the element around them. */
export function structureToXml(
  shape: Structure,
  value: unknown,
  path: string,
  members: readonly Member[] = shape.members,
): string {
  const record = recordOf(value, path);
  let content = '';
  for (const member of members) {
    const held = record[member.name];
    if (held === undefined || held === null || member.traits.xmlAttribute === 1) continue;
    content += memberToXml(member, held, join(path, member.name));
  }
  return content;
}

/** A value that stands in an element of its own under `name`. */
export function elementOf(name: string, shape: Shape, value: unknown, path: string, namespace = ''): string {
  switch (shape.kind) {
    case 'structure':
      return tag(name, structureToXml(shape, value, path), namespace + attributesOf(shape, value, path));
    case 'list':
      return tag(name, itemsToXml(shape, xmlNameOf(shape.item), value, path), namespace);
    case 'map':
      return tag(name, entriesToXml(shape, 'entry', value, path), namespace);
    default:
      return tag(name, escapeXml(toText(shape, value, 'date-time', path)), namespace);
  }
}

export function recordOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unfit(path, 'an object', value);
  return value as Record<string, unknown>;
}

export function arrayOf(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unfit(path, 'an array', value);
  return value;
}

export function namespaceAttribute(uri: string, prefix = ''): string {
  if (uri === '') return '';
  return ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeXml(uri)}"`;
}

function memberFromXml(member: Member, first: XmlElement, all: readonly XmlElement[], path: string): unknown {
  const { shape } = member;
  if (member.traits.xmlFlattened === 1) {
    if (shape.kind === 'list')
      return all.map((element, index) => valueFromXml(shape.item.shape, element, join(path, index)));
    if (shape.kind === 'map') return entriesFrom(shape, all, path);
  }
  if (all.length > 1) throw malformed(path, 'given once');
  return valueFromXml(shape, first, path);
}

function valueFromXml(shape: Shape, element: XmlElement, path: string): unknown {
  switch (shape.kind) {
    case 'structure':
      return structureFromXml(shape, element, path);
    case 'list': {
      const name = xmlNameOf(shape.item);
      return element.children.map((child, index) => {
        if (child.name !== name) throw malformed(join(path, child.name), `a ${name}`);
        return valueFromXml(shape.item.shape, child, join(path, index));
      });
    }
    case 'map':
      return entriesFrom(shape, element.children, path);
    default:
      if (element.children.length > 0) throw malformed(path, `a ${shape.kind}`);
      return fromText(shape, element.text, 'date-time', path);
  }
}

function entriesFrom(shape: Dictionary, entries: readonly XmlElement[], path: string): Record<string, unknown> {
  return Object.fromEntries(
    entries.map((entry) => {
      const parts = groupByName(entry.children);
      const key = parts.get(shape.key.traits.xmlName ?? 'key')?.[0];
      const value = parts.get(shape.value.traits.xmlName ?? 'value')?.[0];
      if (key === undefined || value === undefined) throw malformed(path, 'entries of a key and a value');
      return [key.text, valueFromXml(shape.value.shape, value, join(path, key.text))];
    }),
  );
}

function groupByName(elements: readonly XmlElement[]): Map<string, XmlElement[]> {
  const groups = new Map<string, XmlElement[]>();
  for (const element of elements) {
    const group = groups.get(element.name);
    if (group === undefined) groups.set(element.name, [element]);
    else group.push(element);
  }
  return groups;
}

function memberToXml(member: Member, value: unknown, path: string): string {
  const { shape } = member;
  const name = xmlNameOf(member);
  if (member.traits.xmlFlattened === 1) {
    if (shape.kind === 'list') return itemsToXml(shape, name, value, path);
    if (shape.kind === 'map') return entriesToXml(shape, name, value, path);
  }
  const [prefix, uri] = member.traits.xmlNamespace ?? ['', ''];
  return elementOf(name, shape, value, path, namespaceAttribute(uri, prefix));
}

function itemsToXml(shape: List, name: string, value: unknown, path: string): string {
  return arrayOf(value, path)
    .map((item, index) => elementOf(name, shape.item.shape, item, join(path, index)))
    .join('');
}

function entriesToXml(shape: Dictionary, name: string, value: unknown, path: string): string {
  const [keyName, valueName] = [shape.key.traits.xmlName ?? 'key', shape.value.traits.xmlName ?? 'value'];
  return Object.entries(recordOf(value, path))
    .filter(([, held]) => held !== undefined && held !== null)
    .map(([key, held]) =>
      tag(name, tag(keyName, escapeXml(key)) + elementOf(valueName, shape.value.shape, held, join(path, key))),
    )
    .join('');
}

function attributesOf(shape: Structure, value: unknown, path: string): string {
  const record = recordOf(value, path);
  let attributes = '';
  for (const member of shape.members) {
    const held = record[member.name];
    if (member.traits.xmlAttribute !== 1 || held === undefined || held === null) continue;
    if (typeof held !== 'string') throw unfit(join(path, member.name), 'a string', held);
    attributes += ` ${xmlNameOf(member)}="${escapeXml(held)}"`;
  }
  return attributes;
}
