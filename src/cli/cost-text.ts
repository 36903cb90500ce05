/** The cost report for a person: tables with figures on the right, then what they rest on. */

import type { Line } from '../cost/charge.ts';
import { ways } from '../cost/recovery-time.ts';
import type { CostReport } from '../cost/report.ts';
import type { Shape } from '../cost/shapes.ts';
import { columns, paragraph } from './text.ts';

export function costText(report: CostReport, { lines }: { lines: boolean }): string[] {
  return [
    `${report.workload}: US dollars a month of 730 hours, on demand, no free tier; prices as of ${report.prices.asOf}`,
    ...normalMonth(report),
    ...(lines ? billLines(report) : []),
    ...shapesTable('The same workload in other shapes', report.alternatives),
    ...moves(report),
    ...shapesTable('The price of RTO', report.priceOfRto),
    ...recoveryNote(report),
    ...egress(report),
    ...hints(report),
    ...assumptions(report),
    ...foundations(report, lines),
  ];
}

function normalMonth({ month, primary, recovery, notes }: CostReport): string[] {
  const rows = month.components.map(({ component, workload, standby, share, unsure }) => [
    component,
    money(workload),
    money(standby),
    share === undefined ? '' : percent(share),
    unsure ? mark : '',
  ]);
  return [
    '',
    ...table(
      [
        ['', `primary, ${primary}`, `standby, ${recovery}`, 'of primary', ''],
        ...rows,
        ['total', money(month.workload), money(month.standby), percent(month.share), unsureOf(month.lines)],
      ],
      [1, 2, 3],
    ),
    '',
    ...paragraph(
      `Primary: the workload in one Region alone. Standby: what the second one adds, what is paid in ${primary} for it included (copies, streams, checks).${without(month.unpriced)}`,
      '',
    ),
    ...notes.flatMap((note) => paragraph(`${note}.`, '')),
  ];
}

function shapesTable(title: string, shapes: readonly Shape[]): string[] {
  const rows = shapes.map((shape) => [
    shape.name,
    shape.standby === undefined ? 'no price' : money(shape.standby),
    shape.more === undefined ? '' : shape.more === 0 ? '' : `${shape.more < 0 ? '' : '+'}${money(shape.more)}`,
    shape.share === undefined ? '' : percent(shape.share),
    ...ways.map((way) => duration(shape.recovery.ways[way])),
    `${duration(shape.recovery.p50)} to ${duration(shape.recovery.p95)}`,
    shape.unsure ? mark : '',
  ]);
  return [
    '',
    `${title}:`,
    ...table([['', 'standby', 'more', 'of primary', ...ways, 'recovery', ''], ...rows], [1, 2, 3, 4, 5, 6, 7], '  '),
    ...shapes.flatMap(({ name, what, buys, without: lacking }) =>
      paragraph(
        `${name}: ${what}. It buys ${buys}.${lacking.length > 0 ? ` No price: ${lacking.join(', ')}.` : ''}`,
        '  ',
        '    ',
      ),
    ),
  ];
}

function recoveryNote({ priceOfRto }: CostReport): string[] {
  const [deployed] = priceOfRto;
  if (deployed === undefined) return [];
  const sooner = priceOfRto.filter(({ recovery }) => recovery.p50 < deployed.recovery.p50);
  const verdict =
    sooner.length > 0
      ? `Sooner than as deployed: ${sooner.map(({ name }) => name).join(', ')}.`
      : `None of these is sooner: the ${deployed.recovery.decidedBy} takes longest in each.`;
  return paragraph(
    `Recovery: from the outage to the first write, p50 to p95, by the modelled durations of AWS: detection, then the longest of the three ways, whose p50 stands beside it. ${verdict}`,
    '  ',
  );
}

function moves({ failoverMonth, drills }: CostReport): string[] {
  const part = ({ what, usd }: { what: string; usd: number }): string[] => [what, money(usd), ''];
  return [
    '',
    'A failover month:',
    ...table(
      [
        ...failoverMonth.parts.map(part),
        ['total', money(failoverMonth.usd), failoverMonth.unsure ? mark : ''],
        ['more than a normal month', money(failoverMonth.more), ''],
      ],
      [1],
      '  ',
    ),
    ...lackingLine(failoverMonth.without),
    '',
    'A drill:',
    ...table(
      drills.map(({ name, hours, usd, unsure }) => [`${name}, ${hours} hours`, money(usd), unsure ? mark : '']),
      [1],
      '  ',
    ),
    ...drills.flatMap(({ name, what, without: lacking }) => [
      ...paragraph(`${name}: ${what}.`, '  ', '    '),
      ...lackingLine(lacking),
    ]),
  ];
}

const lackingLine = (lacking: readonly string[]): string[] =>
  lacking.length === 0 ? [] : paragraph(`Without ${lacking.join(', ')}: no price.`, '  ');

function egress({ egress: regions }: CostReport): string[] {
  return regions.flatMap(({ region, gb, ways: all, says }) => [
    '',
    `How the private side reaches AWS, ${region}:`,
    ...table(
      [
        ['', 'a month', 'a GB', `at ${rounded(gb)} GB`, ''],
        ...all.map(({ name, deployed, fixed, perGb, usd, unsure }) => [
          deployed ? `${name} (as deployed)` : name,
          money(fixed),
          perGb.toFixed(3),
          money(usd),
          unsure ? mark : '',
        ]),
      ],
      [1, 2, 3],
      '  ',
    ),
    ...paragraph(says, '  '),
  ]);
}

function hints({ hints: given }: CostReport): string[] {
  if (given.length === 0) return [];
  return [
    '',
    'Where a cheaper shape serves (each alone):',
    ...given.flatMap(({ saves, says }) =>
      paragraph(`${saves === undefined ? '' : `saves $${money(saves)}: `}${says}.`, '  ', '    '),
    ),
  ];
}

function assumptions({ assumptions: used }: CostReport): string[] {
  return [
    '',
    'Assumptions (--usage FILE or --set name=value):',
    ...columns(
      used.map(({ name, value, unit, what, given }) => [`${given ? '* ' : '  '}${name}`, String(value), unit, what]),
    ),
    ...(used.some(({ given }) => given) ? ['  * as given'] : []),
  ];
}

function foundations({ month, prices }: CostReport, lines: boolean): string[] {
  const free = month.free.reduce((sum, { count }) => sum + count, 0);
  const used = new Set(month.lines.flatMap(({ price }) => (price === undefined ? [] : [price.source])));
  return [
    '',
    'Prices:',
    ...[...used].flatMap((name) => {
      const source = prices.sources[name];
      return paragraph(
        `${name}: ${source?.what ?? ''} (${source?.asOf ?? ''}${source?.url === undefined ? '' : `, ${source.url}`})`,
        '  ',
        '    ',
      );
    }),
    ...(prices.unsure.length === 0
      ? []
      : paragraph(
          `${mark} rests on prices that were not looked up: ${prices.unsure.map(({ key, region, usd }) => `${key} ${usd} (${region})`).join(', ')}`,
          '  ',
          '    ',
        )),
    ...(lines ? [] : [`${month.lines.length} lines and ${free} resources that cost nothing: --lines shows them.`]),
  ];
}

function billLines({ month }: CostReport): string[] {
  const rows = month.lines.map((line) => [
    line.column,
    line.resource,
    line.what,
    rounded(line.quantity),
    line.unit,
    line.price === undefined ? '' : String(line.price.usd),
    money(line.usd),
    line.unsure ? mark : '',
  ]);
  return [
    '',
    'Lines:',
    ...table([['for', 'resource', 'what', 'quantity', 'unit', 'price', 'dollars', ''], ...rows], [3, 5, 6], '  '),
    '',
    'Costs nothing:',
    ...columns(
      month.free.map(({ type, count, why }) => [type, `${count} ×`, why]),
      '  ',
    ),
  ];
}

/** Figures stand on the right of the columns named in `right`. */
function table(rows: readonly (readonly string[])[], right: readonly number[], indent = ''): string[] {
  const widths = right.map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return columns(
    rows.map((row) =>
      row.map((cell, column) => {
        const index = right.indexOf(column);
        return index < 0 ? cell : cell.padStart(widths[index] ?? 0);
      }),
    ),
    indent,
  );
}

function without(unpriced: CostReport['month']['unpriced']): string {
  if (unpriced.length === 0) return '';
  const said = unpriced.map(
    ({ resource, what, keys, why }) => `${resource} (${keys.length > 0 ? keys.join(' or ') : what}: ${why})`,
  );
  return ` Totals are without ${said.join(', ')}.`;
}

/** Stands by sums that rest on prices nobody looked up. */
const mark = '~';

const unsureOf = (lines: readonly Line[]): string => (lines.some(({ unsure }) => unsure) ? mark : '');
const money = (usd: number): string => (Math.abs(usd) < 0.005 ? '0.00' : usd.toFixed(2));
const percent = (share: number): string => `${Math.round(100 * share)} %`;
const rounded = (quantity: number): string => String(Number(quantity.toPrecision(6)));

function duration(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return `${minutes}:${String(rest).padStart(2, '0')}`;
}
