/** Where the files of one database are. */

import { join } from 'node:path';
import { usageError } from '../../kernel/errors.ts';

export interface Layout {
  readonly root: string;
  readonly data: string;
  readonly temporary: string;
  readonly socket: string;
  readonly pidFile: string;
}

/** The address of a Unix socket holds 108 bytes, on macOS 104. */
const longestSocket = 103;

export function layoutOf(root: string): Layout {
  const socket = join(root, 's');
  if (Buffer.byteLength(socket) > longestSocket) {
    throw usageError('The path of a database socket is too long for this system.', {
      given: socket,
      allowed: `at most ${longestSocket} bytes`,
      next: 'Set TMPDIR to a shorter path.',
    });
  }
  return { root, data: join(root, 'data'), temporary: join(root, 'tmp'), socket, pidFile: join(root, 'pid') };
}
