/**
 * Whose process opened a connection, asked of the kernel: how a program that can't be told to call from an address of its own (any that
 * isn't Node's) is known all the same. Nothing of it is the caller's to say.
 */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Endpoint } from '../contract.ts';

/** The process of `pids`, or the one of them that it descends from, that holds the client's end. */
export function socketOwner(client: Endpoint, server: Endpoint, pids: ReadonlySet<number>): number | undefined {
  if (pids.size === 0) return undefined;
  const inode = inodeOf(client, server);
  if (inode === undefined) return undefined;
  const link = `socket:[${inode}]`;
  for (const [pid, machine] of descendants(pids)) if (holds(pid, link)) return machine;
  return undefined;
}

/** Columns of the kernel's table: number, local and remote address, state, …, inode. Source: proc(5). */
function inodeOf(client: Endpoint, server: Endpoint): string | undefined {
  const ends = ` ${hex(client)} ${hex(server)} `;
  const table = text('/proc/net/tcp');
  const at = table.indexOf(ends);
  if (at === -1) return undefined;
  const line = table.slice(table.lastIndexOf('\n', at) + 1, table.indexOf('\n', at));
  return line.trim().split(/\s+/)[9];
}

/** `0100007F:1F90`: the address's bytes as the machine keeps them, the port as it is written. */
function hex({ host, port }: Endpoint): string {
  const bytes = host.split('.').reverse();
  const digits = (value: number, length: number) => value.toString(16).toUpperCase().padStart(length, '0');
  return `${bytes.map((byte) => digits(Number(byte), 2)).join('')}:${digits(port, 4)}`;
}

/** Every process of the machine that is one of `pids` or comes of one, with that one: the youngest programs are many. */
function descendants(pids: ReadonlySet<number>): Map<number, number> {
  const parents = new Map(
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map((entry): [number, number] => [Number(entry), parentOf(entry)]),
  );
  const found = new Map<number, number>();
  for (const pid of parents.keys()) {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (!pids.has(at)) continue;
      found.set(pid, at);
      break;
    }
  }
  return found;
}

function parentOf(pid: string): number {
  const stat = text(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold anything; state and parent follow it.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function holds(pid: number, link: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((entry) => {
      try {
        return readlinkSync(`${folder}/${entry}`) === link;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

/** Processes come and go while they are looked at. */
function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
