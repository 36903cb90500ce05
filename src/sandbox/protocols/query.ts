/** Input from a form: `Filters.Filter.1.Values.Value.2=x`, in the two spellings of awsQuery and ec2Query. */

import type { Member, Shape, Structure } from './shapes.ts';
import { fromText, InputError, malformed } from './values.ts';
import { checkUnion, join } from './xml.ts';

/** The form as a tree of its dotted names. */
interface Node {
  text: string | undefined;
  readonly children: Map<string, Node>;
}

export type QueryFlavour = 'query' | 'ec2Query';

/** Parameters that are about the request, not in the operation's input: the call itself and signatures of any version. */
const envelope =
  /^(Action|Version|ContentType|AWSAccessKeyId|Signature(Method|Version)?|Timestamp|Expires|SecurityToken|X-Amz-.*)$/;

const deepest = 64;

export function inputFromQuery(
  flavour: QueryFlavour,
  shape: Structure,
  form: URLSearchParams,
): Record<string, unknown> {
  const root: Node = { text: undefined, children: new Map() };
  for (const [name, text] of form) if (!envelope.test(name)) place(root, name, text);
  return structureFrom(flavour, shape, root, '');
}

function place(root: Node, name: string, text: string): void {
  const steps = name.split('.');
  if (steps.length > deepest)
    throw new InputError('malformed', `Parameter names can't be nested deeper than ${deepest}.`);
  let node = root;
  for (const step of steps) {
    let child = node.children.get(step);
    if (child === undefined) {
      child = { text: undefined, children: new Map() };
      node.children.set(step, child);
    }
    node = child;
  }
  if (node.text !== undefined) throw malformed(name, 'given once');
  node.text = text;
}

function structureFrom(flavour: QueryFlavour, shape: Structure, node: Node, path: string): Record<string, unknown> {
  if (node.text !== undefined && node.text !== '') throw malformed(path, `a ${shape.name}`);
  const value: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const member of shape.members) {
    const name = queryNameOf(flavour, member);
    known.add(name);
    const held = node.children.get(name);
    if (held === undefined) continue;
    const flat = flavour === 'ec2Query' || member.traits.xmlFlattened === 1;
    value[member.name] = valueFrom(flavour, member.shape, flat, held, join(path, member.name));
  }
  for (const name of node.children.keys()) {
    if (!known.has(name)) throw new InputError('malformed', `${join(path, name)} isn't known to ${shape.name}.`);
  }
  checkUnion(shape, value, path);
  return value;
}

function queryNameOf(flavour: QueryFlavour, { name, traits }: Member): string {
  if (flavour === 'query') return traits.xmlName ?? name;
  const key = traits.xmlName ?? name;
  return traits.ec2QueryName ?? key.charAt(0).toUpperCase() + key.slice(1);
}

function valueFrom(flavour: QueryFlavour, shape: Shape, flat: boolean, node: Node, path: string): unknown {
  const nested = flavour === 'ec2Query';
  if (shape.kind === 'structure') return structureFrom(flavour, shape, node, path);
  if (shape.kind === 'list') {
    if (node.text !== undefined && node.text !== '') throw malformed(path, 'a list');
    const items = flat ? node : node.children.get(shape.item.traits.xmlName ?? 'member');
    return numbered(items, path).map((item, index) =>
      valueFrom(flavour, shape.item.shape, nested, item, join(path, index)),
    );
  }
  if (shape.kind === 'map') {
    const [keyName, valueName] = [shape.key.traits.xmlName ?? 'key', shape.value.traits.xmlName ?? 'value'];
    const entries = numbered(flat ? node : node.children.get('entry'), path).map((entry) => {
      const [key, value] = [entry.children.get(keyName)?.text, entry.children.get(valueName)];
      if (key === undefined || value === undefined) throw malformed(path, `entries of a ${keyName} and a ${valueName}`);
      return [key, valueFrom(flavour, shape.value.shape, nested, value, join(path, key))];
    });
    return Object.fromEntries(entries);
  }
  if (node.text === undefined || node.children.size > 0) throw malformed(path, `a ${shape.kind}`);
  return fromText(shape, node.text, 'date-time', path);
}

/** The children 1, 2, 3... in order, as clients number them. */
function numbered(node: Node | undefined, path: string): Node[] {
  if (node === undefined) return [];
  return [...node.children]
    .map(([step, child]): [number, Node] => {
      if (!/^[1-9]\d{0,8}$/.test(step)) throw malformed(join(path, step), 'numbered from 1');
      return [Number(step), child];
    })
    .sort(([left], [right]) => left - right)
    .map(([, child]) => child);
}
