/** A loss quote as text: the sentence first, then what it rests on, then what it can't know. */

import { isoTime } from '../kernel/clock.ts';
import type { Figure } from '../ledger/figure.ts';
import { clockTime } from '../ledger/figure.ts';
import type { BucketLoss, Quote } from '../ledger/quote.ts';
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
    ...columns(
      [
        ...(database.dialect === undefined
          ? []
          : [
              ['received', database.received || 'nothing', '', ''],
              ['applied', database.applied || 'nothing', '', ''],
              ['last beat', database.lastBeat === undefined ? 'none' : clockTime(database.lastBeat), '', ''],
            ]),
        row('waiting', database.waiting, ''),
        row('at most', database.seconds, ' s'),
        row('', database.transactions, ' transactions'),
        row('likely', database.expected, ' s'),
        row('', database.expectedTransactions, ' transactions'),
      ],
      '  ',
    ),
    ...buckets.flatMap(bucketLines),
    '',
    'Parameters',
    ...columns(
      [
        row('at most', parameters.seconds, ' s of changes'),
        [
          'copied',
          counted(parameters.copiedSince, 'change'),
          '',
          parameters.lastCopied === undefined
            ? 'since then, as events told of them'
            : `since then; the last was ${parameters.lastCopied.name} at ${clockTime(parameters.lastCopied.at)}`,
        ],
      ],
      '  ',
    ),
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
    : columns(
        [
          row('pending', operations, ''),
          row('', bytes, ' bytes'),
          row('behind', behind, ' s'),
          row('at most', seconds, ' s of writes'),
        ],
        '  ',
      )),
];

/** Name, value, what it is worth, how and when it was measured. */
const row = (name: string, { value, is, how, at }: Figure, unit: string): string[] => [
  name,
  value === undefined ? 'unknown' : `${value}${unit}`,
  value === undefined ? '' : is,
  at === undefined ? how : `${how} (${clockTime(at)})`,
];
