/** How often a schedule expression of EventBridge fires in a month of 730 hours. */

export const hoursPerMonth = 730;
export const minutesPerMonth = 60 * hoursPerMonth;
/** 365 days in twelve months. */
export const daysPerMonth = hoursPerMonth / 24;

/** `rate(5 minutes)`, `cron(0 3 * * ? *)`, `at(…)`; undefined when it is none of them. */
export function firesPerMonth(expression: string): number | undefined {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count !== undefined && unit !== undefined) return minutesPerMonth / (Number(count) * minutesIn[unit as Unit]);
  if (/^at\(.+\)$/.test(expression)) return 0;
  const [, fields] = /^cron\((.+)\)$/.exec(expression) ?? [];
  return fields === undefined ? undefined : cronPerMonth(fields.trim().split(/\s+/));
}

type Unit = 'minute' | 'hour' | 'day';
const minutesIn: Readonly<Record<Unit, number>> = { minute: 1, hour: 60, day: 1440 };

/** Minutes times hours times the days of an average month that match. */
function cronPerMonth([minute = '*', hour = '*', dayOfMonth = '*', month = '*', dayOfWeek = '?']: string[]):
  | number
  | undefined {
  const minutes = matching(minute, 0, 59);
  const hours = matching(hour, 0, 23);
  const months = matching(month, 1, 12);
  if (minutes === undefined || hours === undefined || months === undefined) return undefined;
  const days = daysMatching(dayOfMonth, dayOfWeek);
  return days === undefined ? undefined : (minutes * hours * days * months) / 12;
}

function daysMatching(dayOfMonth: string, dayOfWeek: string): number | undefined {
  const free = (field: string) => field === '*' || field === '?';
  if (!free(dayOfWeek)) {
    // `2#1`, `6L`: one day of the month.
    if (/[#L]/.test(dayOfWeek)) return 1;
    const week = matching(dayOfWeek, 1, 7);
    return week === undefined ? undefined : (daysPerMonth * week) / 7;
  }
  if (free(dayOfMonth)) return daysPerMonth;
  return /[LW]/.test(dayOfMonth) ? 1 : matching(dayOfMonth, 1, 31);
}

/** How many of the values from `first` to `last` a field names: `*`, `0/5`, `1-5`, `MON-FRI`, `3,9`. */
function matching(field: string, first: number, last: number): number | undefined {
  let count = 0;
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from, to] = range.split('-').map((text) => fieldValue(text, first));
    const begin = range === '*' ? first : from;
    if (begin === undefined || Number.isNaN(begin)) return undefined;
    const end = range === '*' || step !== undefined ? (to ?? last) : (to ?? begin);
    const by = step === undefined ? 1 : Number(step);
    if (Number.isNaN(end) || !Number.isInteger(by) || by < 1 || end < begin) return undefined;
    count += Math.floor((end - begin) / by) + 1;
  }
  return count;
}

const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

function fieldValue(text: string, first: number): number {
  const names = monthNames.includes(text) ? monthNames : weekdays;
  const named = names.indexOf(text);
  if (named >= 0) return named + 1;
  return text === '*' ? first : /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
