/**
 * XML as AWS uses it: elements, attributes and text. No document types, no processing beyond the five named entities and character
 * references: what isn't well-formed is refused, and nothing in a document makes it grow.
 */

import { InputError } from './values.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  /** All character data directly inside, in order. */
  text: string;
}

const deepest = 64;

/** The root element. */
export function parseXml(source: string): XmlElement {
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let position = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (position < source.length) {
    const next = source.indexOf('<', position);
    const end = next === -1 ? source.length : next;
    addText(open, unescapeXml(source.slice(position, end)));
    if (next === -1) break;
    if (source.startsWith('<!--', next)) {
      position = after(source, '-->', next + 4);
    } else if (source.startsWith('<![CDATA[', next)) {
      position = after(source, ']]>', next + 9);
      addText(open, source.slice(next + 9, position - 3));
    } else if (source.startsWith('<?', next)) {
      position = after(source, '?>', next + 2);
    } else if (source.startsWith('<!', next)) {
      throw notWellFormed('document types are not allowed');
    } else if (source.startsWith('</', next)) {
      position = after(source, '>', next + 2);
      const name = source.slice(next + 2, position - 1).trim();
      if (open.pop()?.name !== name) throw notWellFormed(`</${name}> closes nothing`);
    } else {
      position = tagEnd(source, next + 1);
      const { element, empty } = parseTag(source.slice(next + 1, position - 1));
      const parent = open.at(-1);
      if (parent !== undefined) parent.children.push(element);
      else if (root === undefined) root = element;
      else throw notWellFormed('there is more than one root element');
      if (!empty) open.push(element);
      if (open.length > deepest) throw notWellFormed(`it is nested deeper than ${deepest}`);
    }
  }
  if (open.length > 0) throw notWellFormed(`<${open.at(-1)?.name}> is not closed`);
  if (root === undefined) throw notWellFormed('it has no element');
  return root;
}

/** Line ends are written as references: parsers turn a bare carriage return into a line feed. */
export const escapeXml = (text: string): string =>
  special.test(text) ? text.replace(specials, (character) => named.get(character) ?? reference(character)) : text;

const special = /[&<>"\p{Cc}\u2028]/u;
const specials = new RegExp(special, 'gu');

const named = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

const reference = (character: string): string => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;

function addText(open: readonly XmlElement[], text: string): void {
  const element = open.at(-1);
  if (element !== undefined) element.text += text;
  else if (text.trim() !== '') throw notWellFormed('there is text outside of the root element');
}

function after(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  if (found === -1) throw notWellFormed(`${mark} is missing`);
  return found + mark.length;
}

/** Past the `>` that ends a tag, not one inside an attribute's value. */
function tagEnd(source: string, from: number): number {
  let quote = '';
  for (let position = from; position < source.length; position++) {
    const character = source.charAt(position);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return position + 1;
  }
  throw notWellFormed('a tag is not closed');
}

const tagPattern = /^([^\s/"'<>=]+)((?:\s+[^\s/"'<>=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)$/;
const attributePattern = /([^\s/"'<>=]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;

function parseTag(source: string): { element: XmlElement; empty: boolean } {
  const match = tagPattern.exec(source);
  if (match === null) throw notWellFormed(`<${source.slice(0, 40)}> is not a tag`);
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single] of (match[2] ?? '').matchAll(attributePattern)) {
    attributes.set(name, unescapeXml(double ?? single ?? ''));
  }
  return { element: { name: match[1] ?? '', attributes, children: [], text: '' }, empty: match[3] === '/' };
}

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]*);?/g, (whole, entity: string) => {
    const known = entities.get(entity);
    if (known !== undefined && whole.endsWith(';')) return known;
    const code = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(entity);
    const point =
      code === null ? Number.NaN : Number.parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16);
    if (!whole.endsWith(';') || !(point <= 0x10ffff)) throw notWellFormed(`${whole.slice(0, 20)} is not an entity`);
    return String.fromCodePoint(point);
  });
}

const notWellFormed = (why: string): InputError =>
  new InputError('malformed', `The XML you provided was not well-formed: ${why}.`);
