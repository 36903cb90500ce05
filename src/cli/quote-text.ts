/** A loss quote as text: the sentence first, then what it rests on, then what it can't know. */

import { isoTime } from '../kernel/clock.ts';
import type { Figure } from '../ledger/figure.ts';
import { clockTime } from '../ledger/figure.ts';
import type { BucketLoss, ParameterLoss, Quote } from '../ledger/quote.ts';
import { columns, counted, paragraph, shortTime } from './text.ts';

export function quoteText(workload: string, quote: Quote): string[] {
  const { database, buckets, parameters } = quote;
  return [
    `${workload}, ${shortTime(isoTime(quote.at))} UTC, epoch ${quote.epoch}`,
    '',
    ...paragraph(quote.says, ''),
    ...paragraph(verdict(quote), ''),
    '',
    `Database: ${database.replica}`,
    ...(database.dialect === undefined
      ? []
      : columns(
          [
            ['received', database.received || 'nothing'],
            ['applied', database.applied || 'nothing'],
            ['last beat', database.lastBeat === undefined ? 'none' : clockTime(database.lastBeat)],
          ],
          '  ',
        )),
    ...figures([
      ['waiting', database.waiting, ''],
      ['at most', database.seconds, ' s'],
      ['', database.transactions, ' transactions'],
      ['likely', database.expected, ' s'],
      ['', database.expectedTransactions, ' transactions'],
    ]),
    ...buckets.flatMap(bucketLines),
    '',
    'Parameters',
    ...figures([['at most', parameters.seconds, ' s of changes']]),
    ...copiedLines(parameters),
    '',
    "What this can't know",
    ...quote.unknown.flatMap((sentence) => paragraph(`- ${sentence}`, '  ', '    ')),
  ];
}

function verdict({ within, beyond, objectiveSeconds }: Quote): string {
  return within
    ? `That is within the objective of ${objectiveSeconds} s.`
    : `That is beyond the objective of ${objectiveSeconds} s: ${beyond.join('; ')}.`;
}

const bucketLines = ({ bucket, operations, bytes, behind, seconds }: BucketLoss): string[] => [
  '',
  `Bucket ${bucket}`,
  ...(operations.value === undefined
    ? [`  ${operations.how}`]
    : figures([
        ['pending', operations, ''],
        ['', bytes, ' bytes'],
        ['behind', behind, ' s'],
        ['at most', seconds, ' s of writes'],
      ])),
];

function copiedLines({ copiedSince, lastCopied }: ParameterLoss): string[] {
  if (lastCopied === undefined) return [];
  const text = `${counted(copiedSince, 'change')} copied since, as events told of them; the last was ${lastCopied.name} at ${clockTime(lastCopied.at)}`;
  return paragraph(text, '  ');
}

/** Name, value, what it is worth, and how and when it was measured, which wraps under itself. What is told the same way is told once. */
function figures(rows: readonly (readonly [name: string, figure: Figure, unit: string])[]): string[] {
  const heads = columns(
    rows.map(([name, { value, is }, unit]) => [
      name.padEnd(9),
      value === undefined ? 'unknown' : `${value}${unit}`,
      value === undefined ? '' : is,
      '|',
    ]),
    '  ',
  ).map((line) => line.slice(0, -1));
  return rows.flatMap(([, { how, at }], index) => {
    const head = heads[index] ?? '';
    const said = rows.slice(0, index).some(([, before]) => before.how === how);
    const text = said ? '' : at === undefined ? how : `${how} (${clockTime(at)})`;
    return text === '' ? [head.trimEnd()] : paragraph(text, head, ' '.repeat(head.length));
  });
}
