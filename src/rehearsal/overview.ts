/** Several rehearsals on one screen: which passed, how long each took, and what was wrong with the others. */

import type { RehearsalResult } from './result.ts';

export function overview(results: readonly RehearsalResult[], wanted: readonly { readonly name: string }[]): string {
  const width = Math.max(...wanted.map(({ name }) => name.length));
  const rows = wanted.map(({ name }) => {
    const result = results.find(({ scenario }) => scenario === name);
    return result === undefined ? `  ${name.padEnd(width)}  not played` : rowOf(result, width);
  });
  const passed = results.filter(({ outcome }) => outcome === 'passed').length;
  return ['', ...rows, `${passed} of ${wanted.length} scenarios passed.`, ''].join('\n');
}

function rowOf(
  { scenario, outcome, expectations, rto, writes, realSeconds, failures }: RehearsalResult,
  width: number,
): string {
  const met = expectations.filter((one) => one.met).length;
  const cells = [
    scenario.padEnd(width),
    outcome.padEnd(6),
    `${(realSeconds / 60).toFixed(1)} min`.padStart(8),
    `${met}/${expectations.length} expectations met`,
    rto.resolved === undefined ? 'no failover' : `RTO ${Math.round(rto.resolved.awsSeconds)} AWS s`,
    `${writes.lost} of ${writes.acknowledged} writes lost`,
  ];
  return [`  ${cells.join('  ')}`, ...failures.map((failure) => `      ${failure}`)].join('\n');
}
