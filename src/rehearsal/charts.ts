/** The report's pictures, as SVG: customers over time, and the steps of a plan as bars. */

import { escaped } from './markup.ts';
import type { RehearsalResult, StepSpan } from './result.ts';

const width = 1000;
const buckets = 250;

export interface Stretch {
  /** Epoch milliseconds of AWS time. */
  readonly from: number;
  readonly to: number;
}

/** Acknowledged uploads upwards, failed ones downwards, moments as vertical lines, over one stretch of AWS time, to scale. */
export function trafficChart({ traffic: all, moments }: RehearsalResult, stretch: Stretch): string {
  const traffic = all.filter(({ at }) => at >= stretch.from && at <= stretch.to);
  const first = traffic[0];
  const last = traffic.at(-1);
  if (first === undefined || last === undefined || last.at === first.at) return '<p>There were no customers.</p>';
  const height = 150;
  const middle = 100;
  const span = last.at - first.at + 1000;
  const xOf = (at: number) => ((at - first.at) / span) * width;
  const counts = Array.from({ length: buckets }, () => ({ acknowledged: 0, failed: 0 }));
  for (const { at, acknowledged, failed } of traffic) {
    const bucket = counts[Math.min(buckets - 1, Math.floor(((at - first.at) / span) * buckets))];
    if (bucket === undefined) continue;
    bucket.acknowledged += acknowledged;
    bucket.failed += failed;
  }
  const most = Math.max(1, ...counts.map(({ acknowledged, failed }) => Math.max(acknowledged, failed)));
  const bar = width / buckets;
  const bars = counts.flatMap(({ acknowledged, failed }, index) => {
    const x = (index * bar).toFixed(1);
    const up = (acknowledged / most) * (middle - 24);
    const down = (failed / most) * (height - middle - 6);
    return [
      ...(acknowledged > 0
        ? [
            `<rect class="ok" x="${x}" y="${(middle - up).toFixed(1)}" width="${(bar - 0.5).toFixed(1)}" height="${up.toFixed(1)}"/>`,
          ]
        : []),
      ...(failed > 0
        ? [`<rect class="bad" x="${x}" y="${middle}" width="${(bar - 0.5).toFixed(1)}" height="${down.toFixed(1)}"/>`]
        : []),
    ];
  });
  const marks = Object.entries(moments)
    .filter(
      ([name, { aws }]) => aws >= first.at && aws <= last.at && !(name === 'outage' && moments.dark !== undefined),
    )
    .map(([name, instant], index) => {
      const x = xOf(instant.aws);
      return `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${4 + (index % 2) * 9}" y2="${height}"/><text x="${(x + 3).toFixed(1)}" y="${11 + (index % 2) * 9}">${escaped(name)}</text>`;
    });
  return `<svg class="traffic" viewBox="0 0 ${width} ${height}" role="img" aria-label="Uploads acknowledged and failed over time">${bars.join('')}<line class="axis" x1="0" x2="${width}" y1="${middle}" y2="${middle}"/>${marks.join('')}</svg>`;
}

/** One bar a step, to scale, in order of their beginning. */
export function gantt(steps: readonly StepSpan[]): string {
  const sorted = [...steps].sort((one, other) => one.startedAt - other.startedAt || one.endedAt - other.endedAt);
  const from = Math.min(...sorted.map(({ startedAt }) => startedAt));
  const span = Math.max(1, Math.max(...sorted.map(({ endedAt }) => endedAt)) - from);
  const labels = 210;
  const numbers = 70;
  const room = width - labels - numbers;
  const row = 20;
  const rows = sorted.map(({ step, does, startedAt, endedAt, critical, askings }, index) => {
    const x = labels + ((startedAt - from) / span) * room;
    const length = Math.max(1.5, ((endedAt - startedAt) / span) * room);
    const y = index * row;
    return `<g><title>${escaped(`${step}: ${does}. Asked ${askings} times.`)}</title><text x="${labels - 8}" y="${y + 14}" text-anchor="end">${escaped(step)}</text><rect class="${critical ? 'critical' : 'beside'}" x="${x.toFixed(1)}" y="${y + 4}" width="${length.toFixed(1)}" height="${row - 8}" rx="2"/><text class="took" x="${Math.min(x + length + 5, width - numbers + 5).toFixed(1)}" y="${y + 14}">${((endedAt - startedAt) / 1000).toFixed(1)} s</text></g>`;
  });
  return `<svg class="gantt" viewBox="0 0 ${width} ${sorted.length * row + 4}" role="img" aria-label="Steps over time">${rows.join('')}</svg>`;
}
