/** What Linux says about processes: when each began (so that a recycled id is never taken for the old one), its group, its mark. */

import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessFacts {
  readonly pid: number;
  readonly group: number;
  /** Clock ticks since boot. */
  readonly started: number;
  /** Dead, but not yet collected by its parent. */
  readonly dead: boolean;
}

export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, in parentheses, may hold anything; the fields after it are numbered from 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0] ?? '';
    return { pid, group: Number(fields[2]), started: Number(fields[19]), dead: state === 'Z' || state === 'X' };
  } catch {
    return undefined;
  }
}

/** Every living process of a group. */
export const groupMembers = (group: number): number[] =>
  allProcesses().filter((pid) => {
    const facts = processFacts(pid);
    return facts !== undefined && facts.group === group && !facts.dead;
  });

/** Every living process whose environment holds `mark` ("NAME=value"). */
export const markedProcesses = (mark: string): number[] =>
  allProcesses().filter((pid) => {
    try {
      return (
        readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark) && processFacts(pid)?.dead === false
      );
    } catch {
      return false;
    }
  });

/** Sends a signal; answers whether there was anybody to get it. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Names this boot of the machine: ids and start times mean nothing across boots. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}

const allProcesses = (): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
