/** A request as text: what was found, what it would lose, until when. */

import { isoTime } from '../kernel/clock.ts';
import type { ApprovalRequest, QuotedLoss } from '../plan/approval.ts';
import { columns, paragraph, shortTime } from './text.ts';

export function requestText(request: ApprovalRequest, now: number): string[] {
  const { evidence, expiresAt, finding, id, quote, sentence, since } = request;
  const minutes = Math.max(0, Math.ceil((expiresAt - now) / 60_000));
  return [
    `Request ${id}: ${finding}, since ${shortTime(isoTime(since))} UTC`,
    ...paragraph(`${sentence}.`, ''),
    '',
    ...verdict(quote).flatMap((line) => paragraph(line, '')),
    '',
    ...columns(
      evidence.map(({ observer, seen, verdict: says }) => [observer, says, seen]),
      '  ',
    ),
    '',
    `It can be decided until ${shortTime(isoTime(expiresAt))} UTC (${minutes} min): pilot-light approve ${id} [--decline --why …]`,
  ];
}

const verdict = ({ beyond, objectiveSeconds, says, within }: QuotedLoss): string[] => [
  says,
  within
    ? `That is within the objective of ${objectiveSeconds} s.`
    : `That is beyond the objective of ${objectiveSeconds} s: ${beyond.join('; ')}.`,
];
