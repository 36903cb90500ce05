/**
 * What a deployment shows as it goes. On a terminal a picture drawn in place, a line per stack; elsewhere one line when a stack begins
 * and one when it ends, and each resource that failed; with `verbose`, every resource.
 */

import { stripVTControlCharacters } from 'node:util';
import colors from 'picocolors';
import { counted } from '../text.ts';
import type { DeployProgress } from './progress.ts';
import type { BoardStack, StackRow } from './stack-board.ts';
import { isFailure, StackBoard } from './stack-board.ts';

export interface DeployView {
  hear(progress: DeployProgress): void;
  close(): void;
}

interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface ViewOptions {
  readonly verbose?: boolean;
  /** What is being done to the stacks. */
  readonly doing: 'deploying' | 'removing';
  readonly out?: Terminal;
  /** Milliseconds of any clock that only goes on. */
  readonly now?: () => number;
}

export function deployView(stacks: readonly BoardStack[], options: ViewOptions): DeployView {
  const { now = () => performance.now(), out = process.stderr, verbose = false } = options;
  const board = new StackBoard(stacks, now);
  return out.isTTY === true && !verbose ? live(board, out, now) : lines(board, out, options);
}

function lines(board: StackBoard, out: Terminal, { doing, verbose = false }: ViewOptions): DeployView {
  const tell = (text: string) => void out.write(`${text}\n`);
  return {
    hear(progress) {
      const { event, says } = progress;
      const heard = board.hear(progress);
      const { row, turn } = heard ?? {};
      const name = row === undefined ? '' : `${row.region} ${row.stackName}`;
      if (row === undefined) tell(says);
      else if (turn === 'began') tell(`${name}: ${doing} ${counted(row.of, 'resource')}`);
      if (event !== undefined && (verbose || isFailure(event))) tell(`  ${says}`);
      if (row !== undefined && turn === 'ended' && (row.outcome !== 'unchanged' || verbose)) {
        const took = row.began === undefined ? '' : ` in ${duration(board.elapsed(row))}`;
        tell(`${name}: ${row.outcome}${took}`);
      }
    },
    close() {},
  };
}

/** How often the picture moves when nothing is heard: elapsed times go on. */
const tick = 500;

function live(board: StackBoard, out: Terminal, now: () => number): DeployView {
  const began = now();
  let drawn = 0;
  let says = '';
  const draw = () => {
    const width = Math.max(60, Math.min(out.columns ?? 100, 140));
    const rows = picture(board, says, now() - began, out.rows ?? 40).map((row) => cut(row, width - 1));
    // Up to where the last picture began, then over it: no flicker, and scrollback stays clean.
    out.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${rows.map((row) => `\x1b[2K${row}`).join('\n')}\n\x1b[0J`);
    drawn = rows.length;
  };
  const timer = setInterval(draw, tick);
  timer.unref();
  draw();
  return {
    hear(progress) {
      if (board.hear(progress) === undefined) says = progress.says;
      draw();
    },
    close() {
      clearInterval(timer);
      draw();
    },
  };
}

function picture(board: StackBoard, says: string, elapsed: number, height: number): string[] {
  const { rows } = board;
  const done = rows.filter(({ state }) => state === 'done').length;
  const nameWidth = Math.max(...rows.map(({ region, stackName }) => region.length + stackName.length + 1), 10);
  const head = colors.bold(`${done}/${rows.length} stacks, ${duration(elapsed)}`);
  const failures = rows.flatMap(({ failure, stackName }) =>
    failure === undefined
      ? []
      : [colors.red(`  ${stackName}/${failure.logicalId} ${failure.status}: ${failure.reason ?? ''}`)],
  );
  const room = Math.max(5, height - 3 - failures.length);
  // Where not all fit, what is at work is what one wants to see.
  const shown =
    rows.length <= room ? rows : rows.filter(({ state }) => state !== 'done' && state !== 'waiting').slice(0, room);
  return [
    `${head}${says === '' ? '' : colors.dim(`  ${says}`)}`,
    ...shown.map((row) => stackLine(board, row, nameWidth)),
    ...failures,
  ];
}

const marks: Readonly<Record<StackRow['state'], string>> = {
  waiting: colors.dim('·'),
  'at work': colors.yellow('▸'),
  'going back': colors.red('↩'),
  done: colors.green('✓'),
  failed: colors.red('✗'),
};

function stackLine(board: StackBoard, row: StackRow, nameWidth: number): string {
  const { atWork, of, outcome, region, settled, stackName, state } = row;
  const name = `${region} ${stackName}`.padEnd(nameWidth);
  const count = `${Math.min(settled.size, of)}/${of}`;
  const took = state === 'waiting' || row.began === undefined ? '' : duration(board.elapsed(row));
  const what =
    state === 'waiting'
      ? colors.dim('waits')
      : state === 'at work' || state === 'going back'
        ? `${count} ${state === 'going back' ? 'rolling back ' : ''}${colors.dim(atWork.at(-1) ?? '')}`
        : outcome;
  return `  ${marks[state]} ${name}  ${took.padStart(7)}  ${what}`;
}

/** `4.2 s`, `3 min 05 s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}

/** Cuts by what is seen; what has to be cut loses its colours. */
function cut(text: string, width: number): string {
  const plain = stripVTControlCharacters(text);
  return plain.length <= width ? text : `${plain.slice(0, width - 1)}…`;
}
