/** The memory of a process and everything it has started, read from /proc. */

import { readdirSync, readFileSync } from 'node:fs';

export interface Memory {
  readonly processes: number;
  /** Resident memory added up, MiB: pages that processes share are counted in each. */
  readonly resident: number;
  /** The same with shared pages divided among those who share them, MiB: what the machine really holds. */
  readonly proportional: number;
}

export function memoryOf(root: number): Memory {
  const tree = treeOf(root);
  const sum = (figure: (pid: number) => number) =>
    Math.round(tree.reduce((total, pid) => total + figure(pid), 0) / 1024);
  return { processes: tree.length, resident: sum(residentOf), proportional: sum(proportionalOf) };
}

/** Looks every `everyMilliseconds` until stopped; the answer is the highest of each figure seen. */
export function watchMemory(root: number, everyMilliseconds: number): { stop(): Memory } {
  let peak: Memory = { processes: 0, resident: 0, proportional: 0 };
  const look = () => {
    const now = memoryOf(root);
    peak = {
      processes: Math.max(peak.processes, now.processes),
      resident: Math.max(peak.resident, now.resident),
      proportional: Math.max(peak.proportional, now.proportional),
    };
  };
  const timer = setInterval(look, everyMilliseconds);
  return {
    stop() {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

/** Looks at one process every `everyMilliseconds` until stopped; the answer is by how many MiB it was above its beginning at most. */
export function watchResident(pid: number, everyMilliseconds: number): { stop(): number } {
  const rest = residentOf(pid);
  let peak = rest;
  const look = () => {
    peak = Math.max(peak, residentOf(pid));
  };
  const timer = setInterval(look, everyMilliseconds);
  return {
    stop() {
      clearInterval(timer);
      look();
      return (peak - rest) / 1024;
    },
  };
}

/** What a process alone has used of the processors, in milliseconds: as exact as the kernel's hundredths of a second. */
export function processorTimeOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** The fourth field of `stat`; the second, a name in brackets, may hold anything. */
function parentOf(pid: string): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

const residentOf = (pid: number): number => kilobytes(read(`/proc/${pid}/status`), 'VmRSS');
const proportionalOf = (pid: number): number => kilobytes(read(`/proc/${pid}/smaps_rollup`), 'Pss');

const kilobytes = (text: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);

/** Empty for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
