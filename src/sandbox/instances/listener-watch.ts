/** Whether a program has begun to listen on its address, read from the kernel: how the sandbox knows a boot is over. */

import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const listening = '0A';
/** What the first line has in the state's place. */
const heading = 'st';

/**
 * Waits until something listens on an IPv4 `address`, for at most `patience` real milliseconds. Answers false when the time is up, `gone`
 * says the program ended, or this system doesn't tell (it has no /proc).
 */
export async function untilListening(
  address: string,
  options: { readonly patience: number; readonly gone: () => boolean },
): Promise<boolean> {
  const end = performance.now() + options.patience;
  while (performance.now() < end && !options.gone()) {
    const ports = listeningPorts(address);
    if (ports === undefined) return false;
    if (ports.length > 0) return true;
    await pause(15);
  }
  return false;
}

/** The ports that are listened on there; undefined where this system doesn't tell. */
export function listeningPorts(address: string): number[] | undefined {
  const wanted = address
    .split('.')
    .reverse()
    .map((octet) => Number(octet).toString(16).padStart(2, '0').toUpperCase())
    .join('');
  return listeners()?.flatMap((local) => {
    const [host, port] = local.split(':');
    return host === wanted && port !== undefined ? [Number.parseInt(port, 16)] : [];
  });
}

/**
 * The local addresses of all listeners, `0100007F:1F90`. The kernel lists them before all other sockets (tcp_get_idx of its tcp_ipv4.c):
 * reading ends there, since the rest may be thousands of closed connections, and reading those stops everything else for a while.
 */
function listeners(): string[] | undefined {
  let file: number;
  try {
    file = openSync('/proc/net/tcp', 'r');
  } catch {
    return undefined;
  }
  try {
    const page = Buffer.alloc(4096);
    const found: string[] = [];
    let rest = '';
    for (let read = readSync(file, page); read > 0; read = readSync(file, page)) {
      const lines = (rest + page.toString('latin1', 0, read)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, local = '', , state = ''] = line.trim().split(/\s+/);
        if (state === listening) found.push(local);
        else if (state !== heading) return found;
      }
    }
    return found;
  } finally {
    closeSync(file);
  }
}
