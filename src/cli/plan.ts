/** `pilot-light plan`: what a plan would do and how long it would take, from the config alone. It asks nobody, and changes nothing. */

import type { Forecast, ForecastNode, ForecastStep } from '../plan/forecast.ts';
import { forecastOf } from '../plan/forecast.ts';
import type { PlanName } from '../plan/graph.ts';
import { planNames } from '../plan/graph.ts';
import { namesOf } from '../workload/names.ts';
import { loadWorkload } from './load-workload.ts';
import type { PlanFlags } from './plan-commands.ts';
import { paragraph, print, printJson } from './text.ts';

export async function plan(name: PlanName | undefined, { config, json }: PlanFlags): Promise<number> {
  const { workload } = await loadWorkload(config);
  const { prefix } = namesOf(workload);
  const forecasts = (name === undefined ? planNames : [name]).map((one) => forecastOf(workload, one));
  if (json === true) printJson({ workload: prefix, plans: forecasts });
  else print(forecasts.flatMap((forecast, index) => [...(index === 0 ? [] : ['']), ...forecastText(prefix, forecast)]));
  return 0;
}

/** A line for each step, as deep as it stands in the graph. */
export function forecastText(workload: string, { plan: name, purpose, root, takes, version }: Forecast): string[] {
  const rows = rowsOf(root, '');
  const width = Math.max(...rows.map(({ label }) => label.length));
  return [
    `${name} of ${workload}, version ${version}: ${purpose}`,
    ...paragraph(
      `${spanText(takes.p50)} by AWS's modelled times at p50; ${spanText(takes.p95)} if every step took its p95, each step of the workload's own all the time it has.`,
      '',
    ),
    '',
    `   ${'begins'.padStart(11)} ${'takes'.padStart(11)} ${'at p95'.padStart(11)}`,
    ...rows.map(({ label, told }) => {
      if (told === undefined) return `${' '.repeat(38)}  ${label}`;
      const { begins, critical, own, takes: of } = told;
      const takesText = own === undefined ? spanText(of.p50) : 'unknown';
      const times = [spanText(begins.p50), takesText, spanText(of.p95)].map((text) => text.padStart(11)).join(' ');
      return `${critical ? ' * ' : '   '}${times}  ${label.padEnd(width)}  ${markOf(told)}${told.does}`;
    }),
    '',
    '* the run takes longer when this step does. Before the commit a failure ends the run and what was begun is taken back.',
  ];
}

interface Row {
  readonly label: string;
  readonly told?: ForecastStep;
}

function rowsOf(node: ForecastNode, indent: string): Row[] {
  if (isSeries(node)) return node.flatMap((part) => rowsOf(part, indent));
  if ('step' in node) return [{ label: `${indent}${node.step}`, told: node }];
  const { branches, parallel } = node;
  return [
    { label: `${indent}${parallel}, at the same time:` },
    ...branches.flatMap((branch) =>
      rowsOf(branch, `${indent}  `).map((row, index) => ({
        ...row,
        label: index === 0 ? `${indent}- ${row.label.slice(indent.length + 2)}` : row.label,
      })),
    ),
  ];
}

const isSeries = (node: ForecastNode): node is readonly ForecastNode[] => Array.isArray(node);

const markOf = ({ kind, own }: ForecastStep): string =>
  `${own === undefined ? '' : '(your own) '}${kind === 'point-of-no-return' ? '(no way back) ' : ''}`;

/** `0.1 s`, `20 s`, `5 min 15 s`, `20 min`, `1 h 03 min`. */
export function spanText(seconds: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  if (seconds < 1) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 3600) return `${Math.round(whole / 60)} min`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
