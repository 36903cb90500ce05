/**
 * What a host writes, read back from its machine's log file, invocation by invocation. Node writes files synchronously, so what a
 * handler logged is there when its answer arrives, and also when it was killed.
 */

import { open } from 'node:fs/promises';

export class HostLog {
  readonly #file: string;
  #offset = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** The text written since the last reading. */
  async read(): Promise<string> {
    const file = await open(this.#file, 'r');
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.max(0, size - this.#offset));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#offset);
      this.#offset += bytesRead;
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

/**
 * Lines as log events between two times: a console line says when it was written, a line of the program's own follows the one before
 * it, and END and REPORT stand at the end.
 */
export function logEvents(text: string, began: number, ended: number): { timestamp: number; message: string }[] {
  let at = Math.round(began);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const written = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\t/.exec(line)?.[1];
      if (written !== undefined) at = Math.max(at, Date.parse(written));
      if (/^(END|REPORT) RequestId: /.test(line)) at = Math.max(at, Math.round(ended));
      return { timestamp: at, message: line.replaceAll('\r', '\n') };
    });
}
