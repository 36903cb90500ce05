/** Whether a program has begun to listen on its address, read from the kernel: how the sandbox knows a boot is over. */

import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const listening = '0A';

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
    const ports = await listeningPorts(address);
    if (ports === undefined) return false;
    if (ports.length > 0) return true;
    await pause(15);
  }
  return false;
}

/** The ports that are listened on there; undefined where this system doesn't tell. */
export async function listeningPorts(address: string): Promise<number[] | undefined> {
  const text = await readFile('/proc/net/tcp', 'utf8').catch(() => undefined);
  const wanted = address
    .split('.')
    .reverse()
    .map((octet) => Number(octet).toString(16).padStart(2, '0').toUpperCase())
    .join('');
  return text?.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [host, port] = local.split(':');
    return state === listening && host === wanted && port !== undefined ? [Number.parseInt(port, 16)] : [];
  });
}
