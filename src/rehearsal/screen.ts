/** The live screen: both Regions side by side, the running plan, the customers, the RTO clock. Redrawn in place; the last picture stays. */

import { stripVTControlCharacters } from 'node:util';
import colors from 'picocolors';
import type { StepName } from '../plan/catalogue.ts';
import type { Instant, RehearsalEvent, Sample, SideSample } from './events.ts';
import type { Show } from './lines.ts';

interface Terminal {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

interface Running {
  readonly plan: string;
  readonly step: StepName;
  readonly from: Instant;
  to: Instant | undefined;
  failed: boolean;
}

/** What the screen shows, folded from the events so far. */
interface Picture {
  title: string;
  phase: string;
  says: string;
  sample: Sample | undefined;
  now: Instant;
  dark: Instant | undefined;
  resolved: Instant | undefined;
  steps: Running[];
  recent: string[];
}

const recentLines = 6;

export function screen(out: Terminal): Show {
  const picture: Picture = {
    title: '',
    phase: '',
    says: '',
    sample: undefined,
    now: { aws: 0, real: 0 },
    dark: undefined,
    resolved: undefined,
    steps: [],
    recent: [],
  };
  let drawn = 0;
  let closed = false;
  const draw = () => {
    const width = Math.max(60, Math.min(out.columns ?? 100, 120));
    // A row that wraps, or one above the top, couldn't be drawn over.
    const rows = rowsOf(picture, width)
      .slice(0, Math.max(8, (out.rows ?? 40) - 1))
      .map((row) => cut(row, width - 1));
    // Up to where the last picture began, then over it: no flicker, and scrollback stays clean.
    out.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${rows.map((row) => `\x1b[2K${row}`).join('\n')}\n\x1b[0J`);
    drawn = rows.length;
  };
  return {
    hear(event) {
      if (closed) return;
      fold(picture, event);
      draw();
    },
    close() {
      closed = true;
    },
  };
}

function fold(picture: Picture, event: RehearsalEvent): void {
  picture.now = event.at.real > picture.now.real ? event.at : picture.now;
  const recent = (text: string) => {
    picture.recent = [...picture.recent, `${(event.at.real / 1000).toFixed(1).padStart(6)} s  ${text}`].slice(
      -recentLines,
    );
  };
  switch (event.kind) {
    case 'begin':
      picture.title = `${event.title}  ${colors.dim(`${event.workload}, ${event.scenario}`)}`;
      return;
    case 'phase':
      picture.phase = event.phase;
      picture.says = event.says;
      return;
    case 'progress':
      picture.says = `${event.of === undefined ? '' : `${event.done}/${event.of} `}${event.says}`;
      return;
    case 'moment':
      if (event.moment === 'dark' || event.moment === 'outage') picture.dark = event.at;
      if (event.moment === 'resolved') picture.resolved = event.at;
      recent(`${colors.bold(event.moment)} ${event.says}`);
      return;
    case 'decision':
      recent(`decision ${event.code}: ${event.sentence}`);
      return;
    case 'fault':
      recent(`fault ${event.state}: ${event.says}`);
      return;
    case 'act':
      recent(event.says);
      return;
    case 'notice':
      recent(`told: ${event.text.split('\n')[0]}`);
      return;
    case 'expectation':
      recent((event.state === 'met' ? colors.green : colors.red)(event.says));
      return;
    case 'problem':
      recent(colors.red(event.says));
      return;
    case 'step':
      foldStep(picture, event);
      return;
    case 'sample':
      picture.sample = event.sample;
      return;
    case 'end':
      picture.phase = event.outcome;
      picture.says = event.says;
  }
}

function foldStep(picture: Picture, event: Extract<RehearsalEvent, { kind: 'step' }>): void {
  const known = picture.steps.find(({ plan, step }) => plan === event.plan && step === event.step);
  if (known === undefined) {
    if (picture.steps.some(({ plan }) => plan !== event.plan)) picture.steps = [];
    picture.steps.push({
      plan: event.plan,
      step: event.step,
      from: event.at,
      to: event.state === 'running' ? undefined : event.at,
      failed: false,
    });
    return;
  }
  if (event.state === 'running') return;
  known.to = event.at;
  known.failed = event.state === 'failed';
}

function rowsOf(picture: Picture, width: number): string[] {
  const { sample, steps, recent } = picture;
  const half = Math.floor((width - 3) / 2);
  return [
    colors.bold(picture.title),
    colors.dim('─'.repeat(width)),
    ...(sample === undefined
      ? []
      : beside(sideRows('primary', sample.sides.primary), sideRows('recovery', sample.sides.recovery), half)),
    ...(sample === undefined ? [] : [colors.dim('─'.repeat(width)), customersRow(sample), clockRow(picture, sample)]),
    colors.dim('─'.repeat(width)),
    `${colors.cyan(picture.phase)}  ${picture.says}`,
    ...steps.slice(-12).map((step) => stepRow(step, picture.now)),
    ...(recent.length === 0 ? [] : [colors.dim('─'.repeat(width)), ...recent]),
  ];
}

function sideRows(name: string, side: SideSample): string[] {
  const state = side.state === 'dark' ? colors.red('DARK') : side.active ? colors.green('active') : 'standby';
  return [
    `${colors.bold(`${name} ${side.region}`)}  ${state}`,
    `role       ${side.role || '-'}`,
    `instances  ${side.instances} healthy`,
    `database   ${side.database}`,
  ];
}

function beside(left: string[], right: string[], half: number): string[] {
  return left.map((text, index) => `${pad(text, half)} ${colors.dim('│')} ${right[index] ?? ''}`);
}

function customersRow({ customers }: Sample): string {
  const { acknowledged, failed, success } = customers;
  const share = success === undefined ? '-' : `${Math.round(success * 100)} %`;
  const filled = Math.round((success ?? 0) * 20);
  const bar = `${colors.green('█'.repeat(filled))}${colors.red('░'.repeat(20 - filled))}`;
  return `customers  ${success === undefined ? ' '.repeat(20) : bar} ${share} served in the last 10 AWS s; ${acknowledged} writes acknowledged, ${failed} failed`;
}

function clockRow({ dark, resolved, now }: Picture, { speed }: Sample): string {
  const pace = `${speed.toFixed(speed < 10 ? 1 : 0)} AWS s per real s`;
  if (dark === undefined) return `RTO clock  not running; ${pace}`;
  const end = resolved ?? now;
  const text = `${((end.aws - dark.aws) / 1000).toFixed(1)} AWS s, ${((end.real - dark.real) / 1000).toFixed(1)} real s`;
  return `RTO clock  ${resolved === undefined ? colors.red(text) : colors.green(`${text}, service is back`)}; ${pace}`;
}

function stepRow({ step, from, to, failed }: Running, now: Instant): string {
  const took = `${(((to ?? now).aws - from.aws) / 1000).toFixed(1)} AWS s`;
  const mark = to === undefined ? colors.yellow('▸') : failed ? colors.red('✗') : colors.green('✓');
  return `  ${mark} ${step.padEnd(26)} ${colors.dim(took.padStart(14))}`;
}

/** Cuts by what is seen; what has to be cut loses its colours. */
function cut(text: string, width: number): string {
  const plain = stripVTControlCharacters(text);
  return plain.length <= width ? text : `${plain.slice(0, width - 1)}…`;
}

/** Pads by what is seen: colour codes have no width. */
function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length));
}
