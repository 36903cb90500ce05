/** Templates written in YAML, with CloudFormation's short forms (`!Ref`, `!GetAtt a.b`, `!Sub`, …) as their long forms. */

import type { CollectionTag, ScalarTag, Tags } from 'yaml';
import { isMap, isSeq, parseDocument } from 'yaml';
import { validationError } from './errors.ts';

/** Parses YAML (and so JSON) text to plain JSON. Raises ValidationError with the line on bad text. */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, { customTags: withShortForms, schema: 'core', version: '1.2' });
  // An unknown tag is only a warning to the parser; to a template it is an unsupported function.
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const { line, col } = problem.linePos?.[0] ?? { line: 1, col: 1 };
    const [why = ''] = problem.message.split(/ at line /);
    throw validationError(`Template format error: YAML not well-formed. (line ${line}, column ${col}) [${why}]`);
  }
  try {
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 0 }) ?? null));
  } catch {
    throw validationError('Template error: YAML aliases are not allowed in CloudFormation templates');
  }
}

const functions = [
  'And',
  'Base64',
  'Cidr',
  'Equals',
  'FindInMap',
  'GetAtt',
  'GetAZs',
  'If',
  'ImportValue',
  'Join',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
] as const;

const withShortForms = (tags: Tags): Tags => [...tags, ...functions.flatMap(shortForms), ...bareForms];

/** `!Ref X` and `!Condition X` have no `Fn::` in their long form. */
const bareForms: ScalarTag[] = ['Ref', 'Condition'].map((name) => ({
  tag: `!${name}`,
  resolve: (value: string) => ({ [name]: value }),
}));

function shortForms(name: (typeof functions)[number]): (ScalarTag | CollectionTag)[] {
  const long = `Fn::${name}`;
  const scalar: ScalarTag = {
    tag: `!${name}`,
    resolve: (value) => ({ [long]: name === 'GetAtt' ? splitOnce(value) : value }),
  };
  const collection = (kind: 'seq' | 'map'): CollectionTag => ({
    tag: `!${name}`,
    collection: kind,
    // The node stays a node, so that short forms inside it are resolved; its JSON is wrapped when it is read.
    resolve: (node) => {
      if (!isSeq(node) && !isMap(node)) return node;
      const plain = node.toJSON.bind(node);
      node.toJSON = (...args: Parameters<typeof plain>) => ({ [long]: plain(...args) });
      return node;
    },
  });
  return [scalar, collection('seq'), collection('map')];
}

/** `Resource.Attribute.With.Dots`: the first dot separates. */
function splitOnce(value: string): string[] {
  const dot = value.indexOf('.');
  return dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)];
}
