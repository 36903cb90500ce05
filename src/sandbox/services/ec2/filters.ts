/** EC2's Describe filters: every filter must match, any of its values may, with `*` and `?` as wildcards. */

import { AwsError } from '../../contract.ts';

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

/** What a filter's name reads from a row. */
export type FilterTable<Row> = Readonly<Record<string, (row: Row) => string | readonly string[] | undefined>>;

/** Keeps the rows that match. `tag:<key>`, `tag-key` and `tag-value` work wherever `tagsOf` is given; other unknown names are refused. */
export function matching<Row>(
  rows: readonly Row[],
  filters: readonly Filter[] | undefined,
  table: FilterTable<Row>,
  tagsOf?: (row: Row) => Readonly<Record<string, string>>,
): Row[] {
  const tests = (filters ?? []).map((filter) => test(filter, table, tagsOf));
  return rows.filter((row) => tests.every((passes) => passes(row)));
}

function test<Row>(
  { Name: name = '', Values: values = [] }: Filter,
  table: FilterTable<Row>,
  tagsOf: ((row: Row) => Readonly<Record<string, string>>) | undefined,
): (row: Row) => boolean {
  const read = table[name] ?? tagReader(name, tagsOf);
  if (read === undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      `The filter '${name}' is invalid. The sandbox supports: ${[...Object.keys(table), ...(tagsOf ? ['tag:<key>', 'tag-key', 'tag-value'] : [])].join(', ')}.`,
    );
  }
  const patterns = values.map(wildcard);
  return (row) => {
    const found = read(row);
    const list = found === undefined ? [] : typeof found === 'string' ? [found] : found;
    return list.some((value) => patterns.some((pattern) => pattern.test(value)));
  };
}

function tagReader<Row>(
  name: string,
  tagsOf: ((row: Row) => Readonly<Record<string, string>>) | undefined,
): ((row: Row) => string | readonly string[] | undefined) | undefined {
  if (tagsOf === undefined) return undefined;
  if (name.startsWith('tag:')) return (row) => tagsOf(row)[name.slice(4)];
  if (name === 'tag-key') return (row) => Object.keys(tagsOf(row));
  if (name === 'tag-value') return (row) => Object.values(tagsOf(row));
  return undefined;
}

/** A pattern with EC2's wildcards; a backslash takes the next character literally. */
function wildcard(value: string): RegExp {
  const source = value.replace(/\\([\s\S])|[\s\S]/g, (character, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped);
    if (character === '*') return '[\\s\\S]*';
    if (character === '?') return '[\\s\\S]';
    return literal(character);
  });
  return new RegExp(`^${source}$`);
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
