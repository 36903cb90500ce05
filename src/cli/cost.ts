/** `pilot-light cost`: what both Regions cost, from the synthesized templates. Asks nothing of AWS. */

import type { Unpriced } from '../cost/charge.ts';
import type { Subject } from '../cost/month.ts';
import { costReport, undecided } from '../cost/report.ts';
import { assumptions, defaultUsage, usageNames } from '../cost/usage.ts';
import { builtInPriceFile } from '../facts/prices.ts';
import { usageError } from '../kernel/errors.ts';
import { pricesFrom, templatesFrom, usageFrom } from './cost-inputs.ts';
import { costText } from './cost-text.ts';
import type { CostFlags } from './main.ts';
import { print, printJson } from './text.ts';

export async function cost(options: CostFlags): Promise<number> {
  if (options.print !== undefined) return printFile(options.print);
  // What is only written down is judged before anything is synthesized.
  const prices = pricesFrom(options.prices);
  const usage = usageFrom(options.usage, options.set ?? []);
  const { templates, workload } = await templatesFrom(options);
  const subject: Subject = { templates, workload, usage, prices };
  const missing = undecided(subject);
  if (missing.length > 0) refuse(missing);
  const report = costReport(subject);
  if (options.json === true) printJson(report);
  else print(costText(report, { lines: options.lines === true }));
  return 0;
}

function printFile(what: string): number {
  if (what === 'prices') print([JSON.stringify(builtInPriceFile, null, 2)]);
  else if (what === 'usage') {
    const width = Math.max(...usageNames.map((name) => name.length + String(defaultUsage[name]).length)) + 3;
    const line = (name: (typeof usageNames)[number]) =>
      `${`${name}: ${defaultUsage[name]}`.padEnd(width)} # ${assumptions[name].unit}: ${assumptions[name].what}`;
    print(usageNames.map(line));
  } else throw usageError("That can't be printed.", { given: what, allowed: 'prices, usage' });
  return 0;
}

/** Totals without what runs all the time would mislead. */
function refuse(missing: readonly Unpriced[]): never {
  const said = missing.map(
    ({ resource, what, region, keys, why }) =>
      `  ${resource}: ${what} (${why}${keys.length > 0 ? `: ${keys.join(' or ')}` : ''}, ${region})`,
  );
  throw usageError(`What decides the result has no price.\n${[...new Set(said)].join('\n')}\n`, {
    next: 'Give these prices in a file with "basedOn": "built-in" and --prices; `pilot-light cost --print prices` shows the form.',
  });
}
