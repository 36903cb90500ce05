/** Who calls: the request's signature, checked against the secret of its access key. */

import type { Clock } from '../../kernel/clock.ts';
import type { Principal } from '../contract.ts';
import { AwsError } from '../contract.ts';
import type { WireRequest } from '../protocols/message.ts';
import { ChunkSignatures } from './chunk-signatures.ts';
import type { Payload } from './payload.ts';
import type { Signature } from './signature.ts';
import { isSignedBy, sha256 } from './signature.ts';

export interface Credentials {
  readonly secretAccessKey: string;
  readonly principal: Principal;
}

/** Whose an access key is: undefined for an unknown key or a token that isn't its own, `expired` when its session is over. */
export type CredentialLookup = (
  accessKeyId: string,
  sessionToken: string | undefined,
) => Credentials | 'expired' | undefined;

export interface Authenticator {
  readonly credentials: CredentialLookup;
  /** Callers inside live on AWS time, those outside on the machine's: a signature may carry either. */
  readonly clocks: readonly Clock[];
}

export async function authenticate(
  { credentials, clocks }: Authenticator,
  signature: Signature,
  request: WireRequest,
  payload: Payload,
): Promise<Principal> {
  const found = credentials(signature.accessKeyId, signature.sessionToken);
  if (found === undefined)
    throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.');
  if (found === 'expired') {
    throw new AwsError('ExpiredToken', 'The security token included in the request is expired');
  }
  checkSignedHeaders(signature, request);
  if (!clocks.some((clock) => isTimely(signature, clock.now()))) throw untimely(signature, clocks);
  if (!isSignedBy(found.secretAccessKey, signature, request, await payloadHash(signature, request, payload))) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  }
  if (payload.hasSignedChunks) payload.verifyChunks(new ChunkSignatures(found.secretAccessKey, signature));
  return found.principal;
}

/** Of the clocks a caller may live on, the one its signature was made by. */
export function callersClock(clocks: readonly Clock[], signature: Signature | undefined): Clock | undefined {
  if (signature === undefined) return clocks[0];
  let nearest: { readonly clock: Clock; readonly distance: number } | undefined;
  for (const clock of clocks) {
    const distance = Math.abs(clock.now() - signature.time);
    if (nearest === undefined || distance < nearest.distance) nearest = { clock, distance };
  }
  return nearest?.clock;
}

/** A signature has to cover the host; S3 takes no header of its own that it doesn't cover: anybody on the way could have added it. */
function checkSignedHeaders({ version, signedHeaders, scope }: Signature, { headers }: WireRequest): void {
  // Version 2 covers every such header, and says not which.
  if (version === 2) return;
  if (!signedHeaders.includes('host')) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization header.",
    );
  }
  if (scope.service !== 's3') return;
  const unsigned = Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  throw new AwsError('AccessDenied', 'There were headers present in the request which were not signed', {
    status: 403,
    fields: { HeadersNotSigned: unsigned.join(', ') },
  });
}

const tolerance = 15 * 60_000;

function isTimely({ time, expires }: Signature, now: number): boolean {
  if (time - now > tolerance) return false;
  return expires === undefined ? now - time <= tolerance : now <= time + expires * 1000;
}

function untimely(signature: Signature, clocks: readonly Clock[]): AwsError {
  if (signature.expires !== undefined) return new AwsError('AccessDenied', 'Request has expired');
  const now = callersClock(clocks, signature)?.now() ?? 0;
  const minutes = tolerance / 60_000;
  const [limit, server] = [now + (signature.time < now ? -tolerance : tolerance), now].map(basic);
  const message =
    signature.time < now
      ? `Signature expired: ${signature.timestamp} is now earlier than ${limit} (${server} - ${minutes} min.)`
      : `Signature not yet current: ${signature.timestamp} is still later than ${limit} (${server} + ${minutes} min.)`;
  // What S3 says beside: clients correct their clocks by it.
  const fields = {
    RequestTime: signature.timestamp,
    ServerTime: `${new Date(now).toISOString().slice(0, 19)}Z`,
    MaxAllowedSkewMilliseconds: String(tolerance),
  };
  return new AwsError('RequestTimeTooSkewed', message, { fields });
}

/** yyyymmddThhmmssZ */
const basic = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');

/** What stands for the body in the signature: what the client declares, or else the hash of the body itself. */
async function payloadHash({ scope, expires }: Signature, { query }: WireRequest, payload: Payload): Promise<string> {
  if (payload.declaredHash !== undefined) return payload.declaredHash;
  const inQuery = expires === undefined ? null : new URLSearchParams(query).get('X-Amz-Content-Sha256');
  if (inQuery !== null) return inQuery;
  if (expires !== undefined && scope.service === 's3') return 'UNSIGNED-PAYLOAD';
  return sha256(await payload.whole());
}
