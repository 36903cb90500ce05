/**
 * `rate(…)`, `cron(…)` and `at(…)`: when a rule or a schedule is due, minute by minute.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */

import { AwsError } from '../../contract.ts';

export type ScheduleExpression =
  | { readonly kind: 'rate'; readonly milliseconds: number }
  | { readonly kind: 'cron'; readonly due: (minute: LocalMinute) => boolean }
  /** `at` is wall time of the schedule's time zone, `yyyy-mm-ddThh:mm`. */
  | { readonly kind: 'at'; readonly at: string };

/** One minute as the calendar of a time zone shows it. Months from 1, weekdays from Sunday = 1. */
export interface LocalMinute {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly weekday: number;
}

/** Parses an expression. Throws `ValidationException`. */
export function parseSchedule(text: string): ScheduleExpression {
  const [, kind = '', body = ''] = /^(rate|cron|at)\((.*)\)$/.exec(text.trim()) ?? [];
  if (kind === 'rate') return { kind, milliseconds: rate(text, body) };
  if (kind === 'cron') return { kind, due: cron(text, body) };
  if (kind === 'at' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(body)) return { kind, at: body.slice(0, 16) };
  throw invalid(text);
}

/** The calendar's minute at an epoch time, in an IANA time zone. Throws `ValidationException` for an unknown zone. */
export function localMinute(epoch: number, timeZone = 'UTC'): LocalMinute {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(epoch)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const [year, month, day] = [part('year'), part('month'), part('day')];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
  return { year, month, day, hour: part('hour'), minute: part('minute'), weekday };
}

/** `yyyy-mm-ddThh:mm`, to compare with an `at` expression. */
export function localText({ year, month, day, hour, minute }: LocalMinute): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  try {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...numeric });
    formats.set(timeZone, format);
    return format;
  } catch {
    throw new AwsError('ValidationException', `Invalid Schedule Expression Timezone: ${timeZone}`);
  }
}

const unitMilliseconds: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function rate(text: string, body: string): number {
  const [, count = '', unit = '', plural = ''] = /^(\d+) (minute|hour|day)(s?)$/.exec(body) ?? [];
  const milliseconds = unitMilliseconds[unit];
  const value = Number(count);
  if (milliseconds === undefined || value < 1 || (value === 1) !== (plural === '')) throw invalid(text);
  return value * milliseconds;
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function cron(text: string, body: string): (minute: LocalMinute) => boolean {
  const fields = body.split(/\s+/);
  const [minutes = '', hours = '', days = '', monthField = '', weekdayField = '', years = ''] = fields;
  if (fields.length !== 6 || (days === '?') === (weekdayField === '?')) throw invalid(text);
  const inMinutes = range(text, minutes, 0, 59);
  const inHours = range(text, hours, 0, 23);
  const inMonths = range(text, monthField, 1, 12, months);
  const inYears = range(text, years, 1970, 2199);
  const onDay = days === '?' ? weekdayRule(text, weekdayField) : dayRule(text, days);
  return (at) => inMinutes(at.minute) && inHours(at.hour) && inMonths(at.month) && inYears(at.year) && onDay(at);
}

function dayRule(text: string, field: string): (at: LocalMinute) => boolean {
  if (field === 'L') return (at) => at.day === daysIn(at);
  const nearest = /^(\d{1,2})W$/.exec(field);
  if (nearest !== null) return (at) => at.day === nearestWeekday(at, Number(nearest[1]));
  const inDays = range(text, field, 1, 31);
  return (at) => inDays(at.day);
}

function weekdayRule(text: string, field: string): (at: LocalMinute) => boolean {
  const last = /^([1-7]|[A-Z]{3})?L$/.exec(field);
  if (last !== null) {
    const weekday = last[1] === undefined ? 7 : number(text, last[1], weekdays, 1);
    return (at) => at.weekday === weekday && (last[1] === undefined || at.day > daysIn(at) - 7);
  }
  const nth = /^([1-7]|[A-Z]{3})#([1-5])$/.exec(field);
  if (nth !== null) {
    const weekday = number(text, nth[1] ?? '', weekdays, 1);
    return (at) => at.weekday === weekday && Math.ceil(at.day / 7) === Number(nth[2]);
  }
  const inWeekdays = range(text, field, 1, 7, weekdays);
  return (at) => inWeekdays(at.weekday);
}

/** One field of numbers: `*`, values, ranges, steps and lists of them. */
function range(
  text: string,
  field: string,
  low: number,
  high: number,
  names: readonly string[] = [],
): (value: number) => boolean {
  const allowed = new Set<number>();
  for (const item of field.split(',')) {
    const [, span = '', step = ''] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
    const [first = '', second] = span.split('-');
    const from = span === '*' ? low : number(text, first, names, low);
    const to = second === undefined ? (span === '*' || step !== '' ? high : from) : number(text, second, names, low);
    if (from < low || to > high || from > to || step === '0') throw invalid(text);
    for (let value = from; value <= to; value += Number(step || 1)) allowed.add(value);
  }
  return (value) => allowed.has(value);
}

function number(text: string, token: string, names: readonly string[], low: number): number {
  const named = names.indexOf(token.toUpperCase());
  if (named >= 0) return named + low;
  if (!/^\d+$/.test(token)) throw invalid(text);
  return Number(token);
}

const daysIn = ({ year, month }: LocalMinute): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** The working day nearest to `day` in the same month. */
function nearestWeekday(at: LocalMinute, day: number): number {
  const last = daysIn(at);
  const wanted = Math.min(day, last);
  const weekday = new Date(Date.UTC(at.year, at.month - 1, wanted)).getUTCDay();
  if (weekday === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 0) return wanted === last ? wanted - 2 : wanted + 1;
  return wanted;
}

const invalid = (text: string): AwsError =>
  new AwsError('ValidationException', `Parameter ScheduleExpression is not valid. Given: ${text}`);
