/** Sends a notice to a webhook: JSON as Slack takes it, signed when there is a key, tried again while it is refused for the moment. */

import { createHmac } from 'node:crypto';
import { request as plainly } from 'node:http';
import { request as securely } from 'node:https';
import type { Clock } from '../../kernel/clock.ts';
import { sleep } from '../../kernel/clock.ts';
import { terminalError } from '../../kernel/errors.ts';

export interface Webhook {
  readonly name: string;
  /** A secret: it is in no message of an error. */
  readonly url: string;
  /** Signs what is sent. */
  readonly key: string | undefined;
}

/** Milliseconds one try may take, and before the second and the third. */
const patience = 5000;
const pauses = [1000, 4000];

/**
 * The headers by which a receiver knows that a notice is ours and fresh: HMAC-SHA256, under the key, of the time and the body with a dot
 * between them; in hexadecimal behind the scheme's version.
 */
export const signatureHeaders = { time: 'x-pilot-light-time', signature: 'x-pilot-light-signature' } as const;

export const signatureOf = (key: string, time: string, body: string): string =>
  `v1=${createHmac('sha256', key).update(`${time}.${body}`).digest('hex')}`;

/** @throws a terminal error that names the webhook and never its address. */
export async function send(webhook: Webhook, text: string, clock: Clock): Promise<void> {
  const url = addressOf(webhook);
  const body = JSON.stringify({ text });
  for (const pause of [...pauses, undefined]) {
    const time = new Date(clock.now()).toISOString();
    const signed =
      webhook.key === undefined
        ? {}
        : { [signatureHeaders.time]: time, [signatureHeaders.signature]: signatureOf(webhook.key, time, body) };
    const answer = await post(url, body, signed);
    if (answer.status !== undefined && answer.status >= 200 && answer.status < 300) return;
    const final = answer.status !== undefined && answer.status < 500 && answer.status !== 429;
    if (final || pause === undefined) {
      throw terminalError(`The webhook ${webhook.name} was not told: ${answer.seen}.`, {
        next: 'Look at its address and at who receives it.',
      });
    }
    await sleep(clock, pause);
  }
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function addressOf({ name, url }: Webhook): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const sound = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && loopback.test(parsed.hostname));
  if (parsed !== undefined && sound) return parsed;
  throw terminalError(`The address of the webhook ${name} is none to send to.`, {
    allowed: 'an https address',
    next: `Write it again, as a SecureString that ends with webhooks/${name}/url.`,
  });
}

function post(
  url: URL,
  body: string,
  signed: Readonly<Record<string, string>>,
): Promise<{ status: number | undefined; seen: string }> {
  return new Promise((resolve) => {
    const nothing = (seen: string) => resolve({ status: undefined, seen });
    const sent = (url.protocol === 'https:' ? securely : plainly)(
      url,
      {
        method: 'POST',
        agent: false,
        timeout: patience,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...signed },
      },
      (response) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode, seen: `it answered ${response.statusCode ?? 'nothing'}` }),
        );
        response.on('error', () => nothing('its answer broke off'));
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    // A code, never the message: that would bear the address.
    sent.on('error', (error: NodeJS.ErrnoException) => nothing(error.code ?? 'no answer'));
    sent.end(body);
  });
}
