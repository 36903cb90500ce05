/** What a benchmark answers: tables for people, goals to hold the figures against, and the same figures as data. */

export interface Figures {
  readonly title: string;
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** How it was measured, and what the figures don't show: a sentence each. */
  readonly notes: readonly string[];
  /** For `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export type Goal = {
  readonly what: string;
  readonly measured: number;
  readonly unit: 'ms' | 's' | 'MiB' | 'times' | '%';
} & (
  | {
      /** The measured figure must stay under it. */
      readonly under: number;
    }
  | { readonly atMost: number }
  | { readonly atLeast: number }
);

export interface Benchmark {
  readonly name: string;
  readonly does: string;
  /** Progress goes to `say`, a line at a time. */
  readonly run: (say: Say) => Promise<Figures>;
}

export type Say = (line: string) => void;

export const isMet = (goal: Goal): boolean =>
  'under' in goal
    ? goal.measured < goal.under
    : 'atMost' in goal
      ? goal.measured <= goal.atMost
      : goal.measured >= goal.atLeast;

/** Figures as text: the first column to the left, the others to the right. */
export function render({ title, tables, goals, notes }: Figures): string {
  const parts = [
    title,
    ...tables.map(renderTable),
    ...(goals.length === 0 ? [] : [goals.map(renderGoal).join('\n')]),
    ...(notes.length === 0 ? [] : [notes.map(renderNote).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function renderTable({ columns, rows }: Table): string {
  const lines = [columns, ...rows].map((row) => row.map(String));
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) => `  ${line.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join('  ')}`.trimEnd())
    .join('\n');
}

const padded = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

function renderGoal(goal: Goal): string {
  const { what, measured, unit } = goal;
  const wanted =
    'under' in goal ? `under ${goal.under}` : 'atMost' in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`;
  return `  ${isMet(goal) ? 'goal met   ' : 'goal MISSED'}  ${what}: ${measured} ${unit}, to be ${wanted} ${unit}`;
}

/** Lines of at most 110 characters, the later ones indented further. */
function renderNote(note: string): string {
  const lines = [''];
  for (const word of note.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length > 108) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line, at) => `${at === 0 ? '  ' : '    '}${line}`).join('\n');
}

/** Rounded to `digits` places after the point. */
export const rounded = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
