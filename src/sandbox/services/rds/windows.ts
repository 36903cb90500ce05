/** Backup windows (`03:10-03:40`, each day) and maintenance windows (`sun:05:00-sun:05:30`, each week), in UTC. */

import type { Random } from '../../../kernel/ids.ts';
import { invalidValue } from './errors.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const dayMinutes = 24 * 60;

interface Window {
  /** Minutes from midnight, or from Sunday's. */
  readonly start: number;
  readonly length: number;
}

export function checkBackupWindow(text: string): string {
  if (backupWindow(text) === undefined) throw malformed('PreferredBackupWindow', text, 'hh24:mi-hh24:mi');
  return text;
}

export function checkMaintenanceWindow(text: string): string {
  if (maintenanceWindow(text) === undefined) {
    throw malformed('PreferredMaintenanceWindow', text, 'ddd:hh24:mi-ddd:hh24:mi');
  }
  return text.toLowerCase();
}

/** AWS time (milliseconds) of the start of the backup window that `now` is in. */
export const backupDue = (text: string, now: number): number | undefined =>
  startOf(backupWindow(text), now, dayMinutes, 0);

/** The same for the maintenance window. The epoch was a Thursday. */
export const maintenanceDue = (text: string, now: number): number | undefined =>
  startOf(maintenanceWindow(text), now, 7 * dayMinutes, 4 * dayMinutes);

/** RDS picks a half hour of the night where the Region is; here it is a half hour between 03:00 and 11:00 UTC. */
export function anyBackupWindow(random: Random): string {
  const start = 3 * 60 + 30 * Math.floor(random.next() * 16);
  return `${clock(start)}-${clock(start + 30)}`;
}

export function anyMaintenanceWindow(random: Random): string {
  const day = days[Math.floor(random.next() * 7)] ?? 'sun';
  const start = 3 * 60 + 30 * Math.floor(random.next() * 16);
  return `${day}:${clock(start)}-${day}:${clock(start + 30)}`;
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function backupWindow(text: string): Window | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (match === null) return undefined;
  const [, fromHour, fromMinute, toHour, toMinute] = match.map(Number);
  return window((fromHour ?? 0) * 60 + (fromMinute ?? 0), (toHour ?? 0) * 60 + (toMinute ?? 0), dayMinutes);
}

function maintenanceWindow(text: string): Window | undefined {
  const match = /^(\w{3}):([01]\d|2[0-3]):([0-5]\d)-(\w{3}):([01]\d|2[0-3]):([0-5]\d)$/.exec(text.toLowerCase());
  if (match === null) return undefined;
  const [, fromDay = '', fromHour, fromMinute, toDay = '', toHour, toMinute] = match;
  if (!days.includes(fromDay) || !days.includes(toDay)) return undefined;
  const at = (day: string, hour = '0', minute = '0') =>
    days.indexOf(day) * dayMinutes + Number(hour) * 60 + Number(minute);
  return window(at(fromDay, fromHour, fromMinute), at(toDay, toHour, toMinute), 7 * dayMinutes);
}

/** At least half an hour, as RDS asks. */
function window(start: number, end: number, period: number): Window | undefined {
  const length = (end - start + period) % period;
  return length >= 30 ? { start, length } : undefined;
}

function startOf(found: Window | undefined, now: number, period: number, epochOffset: number): number | undefined {
  if (found === undefined) return undefined;
  const minutes = now / 60_000 + epochOffset;
  const since = (((minutes - found.start) % period) + period) % period;
  return since < found.length ? now - since * 60_000 : undefined;
}

const malformed = (member: string, given: string, form: string) =>
  invalidValue(`Invalid value for ${member}: ${given}. It must be ${form} and at least 30 minutes long.`);
