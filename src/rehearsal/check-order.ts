/** What can't be in a scenario, seen before anything starts: lifts of nothing, moments nothing leads to, a Region back before it went. */

import type { z } from 'zod';
import type { Act } from './acts/act.ts';
import type { Moment } from './events.ts';
import type { Expectation } from './expectations/kinds.ts';
import type { FaultStep } from './scenario.ts';

interface Parts {
  readonly faults: readonly FaultStep[];
  readonly acts: readonly Act[];
  readonly expect: readonly Expectation[];
}

export function checkOrder({ faults, acts, expect }: Parts, context: z.RefinementCtx): void {
  const complain = (message: string, path: (string | number)[]) => context.addIssue({ code: 'custom', message, path });
  const raised = faults.flatMap((step) => ('raise' in step && step.name !== undefined ? [step] : []));
  for (const [index, step] of faults.entries()) {
    if (!('lift' in step)) continue;
    const own = raised.find(({ name }) => name === step.lift);
    if (own === undefined) complain(`No step raises a fault named ${step.lift}.`, ['faults', index]);
    else if (own.after === step.after && own.at >= step.at)
      complain(`${step.lift} is lifted ${step.at} s after the ${step.after}, and raised ${own.at} s after it.`, [
        'faults',
        index,
      ]);
  }
  for (const [index, one] of acts.entries()) {
    if (!('back' in one)) continue;
    const gone = acts.find((other) => 'dark' in other && other.dark === one.back);
    if (gone === undefined) complain(`The ${one.back} Region can't come back: no act makes it dark.`, ['acts', index]);
    else if (gone.after === one.after && gone.at >= one.at)
      complain(
        `The ${one.back} Region comes back ${one.at} s after the ${one.after}, and goes dark ${gone.at} s after it.`,
        ['acts', index],
      );
  }
  const led = reachable(acts);
  const asked = [
    ...faults.map(({ after }, index) => [after, ['faults', index]] as const),
    ...acts.map(({ after }, index) => [after, ['acts', index]] as const),
    ...expect.map(
      ({ expected: { judged } }, index) => ['from' in judged ? judged.from : undefined, ['expect', index]] as const,
    ),
  ];
  for (const [moment, path] of asked)
    if (moment !== undefined && !led.has(moment))
      complain(`The moment ${moment} can't come: no act leads to it.`, [...path]);
}

/** Most come by themselves, whatever goes wrong; a few need a hand. */
function reachable(acts: readonly Act[]): ReadonlySet<Moment> {
  const has = (is: (one: Act) => boolean) => acts.some(is);
  const goesHome = has(
    (one) =>
      ('start' in one && one.start === 'failback') || ('break-glass' in one && one['break-glass'] === 'failback'),
  );
  return new Set<Moment>([
    'steady',
    'outage',
    'decided',
    'committed',
    'writable',
    'serving',
    'resolved',
    'recovered',
    'fenced',
    ...(has((one) => 'dark' in one && one.dark === 'primary') ? (['dark'] as const) : []),
    ...(has((one) => 'back' in one && one.back === 'primary') ? (['back'] as const) : []),
    ...(goesHome ? (['quiesced', 'home', 'protected'] as const) : []),
  ]);
}
