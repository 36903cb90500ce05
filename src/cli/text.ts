/** Text for a terminal: columns, and lists that wrap under their first word. */

/** Cells side by side, each column as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    `${indent}${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  );
}

/** A heading and words after it, wrapped within the terminal's width. */
export function wrapped(heading: string, words: readonly string[], width = widthOf(process.stdout)): string[] {
  const indent = ' '.repeat(heading.length);
  const lines: string[] = [];
  let line = heading;
  for (const [index, word] of words.entries()) {
    const text = index === words.length - 1 ? word : `${word},`;
    const next = line === heading || line === indent ? `${line}${text}` : `${line} ${text}`;
    if (next.length <= width || line === indent || line === heading) line = next;
    else {
      lines.push(line);
      line = `${indent}${text}`;
    }
  }
  return [...lines, line];
}

/** Running text, wrapped between words; lines after the first may hang further in. */
export function paragraph(text: string, indent: string, hanging = indent, width = widthOf(process.stdout)): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(`${indent}${word}`);
    else if (`${last} ${word}`.length > width) lines.push(`${hanging}${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Where nobody looks, lines are for programs: they stay whole. */
const widthOf = (out: { readonly isTTY?: boolean; readonly columns?: number }): number =>
  out.isTTY === true ? Math.max(60, out.columns ?? 80) : 100;

export const print = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
export const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** `2026-11-27 14:03:12`, of an ISO time in UTC. */
export const shortTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** `1 resource`, `2 resources`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
