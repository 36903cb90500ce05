/** Where the files of one database are. */

import { join } from 'node:path';
import { usageError } from '../../kernel/errors.ts';

export interface Layout {
  readonly root: string;
  readonly scratch: string;
  readonly data: string;
  readonly temporary: string;
  readonly socket: string;
  readonly pidFile: string;
}

/** The address of a Unix socket holds 108 bytes, on macOS 104. */
const longestSocket = 103;

/** `scratch` is for what lives only as long as the server: the length of its path counts, that of `root` doesn't. */
export function layoutOf(root: string, scratch = root): Layout {
  const socket = join(scratch, 's');
  if (Buffer.byteLength(socket) > longestSocket) {
    throw usageError('The path of a database socket is too long for this system.', {
      given: socket,
      allowed: `at most ${longestSocket} bytes`,
      next: 'Set TMPDIR to a shorter path.',
    });
  }
  return {
    root,
    scratch,
    data: join(root, 'data'),
    temporary: join(scratch, 'tmp'),
    socket,
    pidFile: join(scratch, 'pid'),
  };
}
