/**
 * The sandbox's certificate authority, made when it is first asked for (under a millisecond) and kept with everything else. Who trusts its
 * one file, `ca.pem`, trusts every certificate that ACM issues here.
 *
 * Its certificates are valid by AWS time and by the machine's: clients check by either.
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wallClock } from '../../kernel/clock.ts';
import { globalScope, type SandboxCore } from '../contract.ts';
import { trustedInside } from '../machines/node-machine.ts';
import { certificate } from './x509.ts';

interface AuthorityRow {
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: string;
}

const day = 86_400_000;
/** Source: ACM User Guide, "Concepts": 13 months. */
const validity = 395 * day;
const authorityValidity = 3650 * day;

/** The file a client has to trust; there from now on. */
export function authorityFile(core: SandboxCore): string {
  const file = join(core.directory, 'ca.pem');
  if (!existsSync(file)) writeFileSync(file, authorityOf(core).certificate);
  return file;
}

/** What a client outside has in its environment: Node's own variable, with what it holds already, and one for whoever asks. */
export function clientTrust(core: SandboxCore, before = process.env.NODE_EXTRA_CA_CERTS): Record<string, string> {
  const file = authorityFile(core);
  if (before === undefined || before === '' || !existsSync(before))
    return { NODE_EXTRA_CA_CERTS: file, PILOT_LIGHT_CA: file };
  const both = join(core.directory, 'ca-client.pem');
  writeFileSync(both, `${authorityOf(core).certificate}${readFileSync(before, 'utf8')}`);
  return { NODE_EXTRA_CA_CERTS: both, PILOT_LIGHT_CA: file };
}

/** Writes down what programs inside trust from now on. Until there is a certificate they are spared it: it costs each Node 20 ms. */
export function trustInside(core: SandboxCore): void {
  const file = join(core.directory, trustedInside);
  if (!existsSync(file)) writeFileSync(file, authorityOf(core).certificate);
}

/** The authority's own certificate, in PEM. */
export const authorityCertificate = (core: SandboxCore): string => authorityOf(core).certificate;

/** A certificate for these names, of which the first is its subject. */
export function issue(core: SandboxCore, domains: readonly string[], publicKey: KeyObject): string {
  const authority = authorityOf(core);
  const issuerKey = createPrivateKey(authority.privateKey);
  return certificate({
    serial: Buffer.from(core.ids.hex(30), 'hex'),
    subject: domains[0] ?? '',
    issuer: authority.name,
    ...span(core, validity),
    publicKey,
    issuerKey,
    issuerPublicKey: createPublicKey(issuerKey),
    domains,
  });
}

function authorityOf(core: SandboxCore): AuthorityRow {
  const table = core.table<AuthorityRow>('acm', globalScope, 'authority');
  return table.get('authority') ?? table.put('authority', made(core));
}

function made(core: SandboxCore): AuthorityRow {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = `Pilot Light sandbox ${core.ids.hex(8)}`;
  const own = certificate({
    serial: Buffer.from(core.ids.hex(30), 'hex'),
    subject: name,
    issuer: name,
    ...span(core, authorityValidity),
    publicKey,
    issuerKey: privateKey,
    issuerPublicKey: publicKey,
  });
  return { name, certificate: own, privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

/** From the midnight before, as ACM's. */
function span(core: SandboxCore, length: number): { notBefore: number; notAfter: number } {
  const [aws, machine] = [core.clock.now(), wallClock.now()];
  const midnight = (at: number): number => Math.floor(at / day) * day;
  return { notBefore: midnight(Math.min(aws, machine)), notAfter: midnight(Math.max(aws, machine)) + length - 1000 };
}
