/** Whether an answer is one a client can work with: success, or an error of the caller's that says its code. */

import { cbor } from '@smithy/core/cbor';
import type { Answer, Closed } from './connection.ts';

/** Why the exchange is a failure of the sandbox; undefined when it isn't. */
export function complaint(method: string, answer: Answer | Closed | undefined, cut: boolean): string | undefined {
  if (answer === undefined) return 'no answer: a hang';
  if ('closed' in answer) return cut ? undefined : 'the connection was closed without an answer';
  const { status } = answer;
  if (status >= 200 && status < 400) return undefined;
  const code = codeIn(answer);
  if (status === 501 && (code === 'UnsupportedOperation' || code === 'NotImplemented' || method === 'HEAD'))
    return undefined;
  if (status === 503 && throttles.has(code ?? '')) return undefined;
  if (!(status >= 400 && status < 500)) return `status ${status} ${code ?? ''}`;
  // An answer to HEAD has no body to say its code in.
  return code === undefined && method !== 'HEAD' ? `status ${status} without a code` : undefined;
}

export function codeIn({ headers, body }: Answer): string | undefined {
  const inHeader = headers['x-amzn-errortype'];
  if (inHeader !== undefined) return inHeader;
  if (headers['content-type'] === 'application/cbor') return typeIn(cborDocument(body));
  const text = body.toString('utf8');
  return /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? typeIn(jsonDocument(text));
}

const typeIn = (document: unknown): string | undefined =>
  typeof document === 'object' && document !== null && '__type' in document ? String(document.__type) : undefined;

function cborDocument(body: Uint8Array): unknown {
  try {
    return cbor.deserialize(body);
  } catch {
    return undefined;
  }
}

function jsonDocument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const throttles: ReadonlySet<string> = new Set([
  'RequestLimitExceeded',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
]);
