/**
 * The condition keys every request has, beside those that say who asks: when, where to, over which way, and on whose behalf.
 * Source: IAM User Guide, "AWS global condition context keys"; KMS Developer Guide, "AWS KMS condition keys".
 */

import { acceleratorControlPlaneRegion, globalControlPlaneRegion } from '../../facts/regions.ts';
import type { Ask, Call } from '../contract.ts';

type Keys = Readonly<Record<string, string | readonly string[]>>;

/** `via` are the services that ask in the principal's name, the first one first. `now` is AWS time, epoch milliseconds. */
export function globalKeys(call: Call, { action }: Ask, via: readonly string[], now: number): Keys {
  return {
    'aws:RequestedRegion': homeOf(action) ?? call.region,
    'aws:ResourceAccount': call.account,
    'aws:SecureTransport': 'true',
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    ...(via.length === 0 ? originKeys(call) : viaKeys(via)),
    ...(/^kms:/i.test(action) ? kmsKeys(call, via) : {}),
  };
}

/** The Region a global service is asked in, wherever its caller stands. */
function homeOf(action: string): string | undefined {
  if (/^(iam|route53):/i.test(action)) return globalControlPlaneRegion;
  return /^globalaccelerator:/i.test(action) ? acceleratorControlPlaneRegion : undefined;
}

/** Every key of this file, for the coverage document. */
export const globalKeyNames: readonly string[] = [
  'aws:RequestedRegion',
  'aws:ResourceAccount',
  'aws:SecureTransport',
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:ViaAWSService',
  'aws:CalledVia',
  'aws:CalledViaFirst',
  'aws:CalledViaLast',
  'aws:SourceIp',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:VpcSourceIp',
  'kms:CallerAccount',
  'kms:ViaService',
];

/** The network's keys are those of a call its principal made itself: through an endpoint there is no public address. */
function originKeys({ origin }: Call): Keys {
  const direct = { 'aws:ViaAWSService': 'false' };
  if (origin === undefined) return direct;
  const { address, endpoint } = origin;
  if (endpoint === undefined) return { ...direct, 'aws:SourceIp': address };
  const { id, vpcId } = endpoint;
  return { ...direct, 'aws:SourceVpce': id, 'aws:SourceVpc': vpcId, 'aws:VpcSourceIp': address };
}

function viaKeys(via: readonly string[]): Keys {
  const services = via.map((service) => `${service}.amazonaws.com`);
  const [first = ''] = services;
  return {
    'aws:ViaAWSService': 'true',
    'aws:CalledVia': services,
    'aws:CalledViaFirst': first,
    'aws:CalledViaLast': services.at(-1) ?? first,
  };
}

function kmsKeys({ principal, region }: Call, via: readonly string[]): Keys {
  const last = via.at(-1);
  return {
    'kms:CallerAccount': principal.account,
    ...(last === undefined ? {} : { 'kms:ViaService': `${last}.${region}.amazonaws.com` }),
  };
}
