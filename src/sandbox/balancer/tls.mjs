// @ts-check
/** Where TLS ends: a listener's certificates, by the name a client asks for. */

import { createServer } from 'node:https';
import { createSecureContext } from 'node:tls';

/** @import { RequestListener } from 'node:http' */
/** @import { Server } from 'node:https' */
/** @import { SecureContext, SecureContextOptions } from 'node:tls' */
/** @import { TlsSpec } from './configuration.ts' */

/** @typedef {{ readonly server: Server, change(spec: TlsSpec): void }} SecureServer */

/** A server whose certificates can be changed under it. @param {TlsSpec} spec @param {RequestListener} onRequest @returns {SecureServer} */
export function secureServer(spec, onRequest) {
  let choose = chooser(spec);
  const server = createServer(
    {
      ...contextOptions(spec),
      ALPNProtocols: ['http/1.1'],
      SNICallback: (name, done) => done(null, choose(name)),
    },
    onRequest,
  );
  return {
    server,
    change(now) {
      choose = chooser(now);
      server.setSecureContext(contextOptions(now));
    },
  };
}

/** The default certificate and the versions. @param {TlsSpec} spec @returns {SecureContextOptions} */
function contextOptions({ certificates: [first], least, most }) {
  if (first === undefined) throw new Error('An HTTPS listener without a certificate.');
  return { cert: first.certificate, key: first.key, minVersion: least, maxVersion: most };
}

/**
 * What chooses among the certificates by the name asked for; undefined is the default one.
 * @param {TlsSpec} spec
 * @returns {(name: string) => SecureContext | undefined}
 */
function chooser({ certificates: [first, ...others], least, most }) {
  const contexts = others.map(({ domains, certificate, key }) => ({
    domains,
    context: createSecureContext({ cert: certificate, key, minVersion: least, maxVersion: most }),
  }));
  return (name) => {
    if (first?.domains.some((domain) => covers(domain, name))) return undefined;
    return contexts.find(({ domains }) => domains.some((domain) => covers(domain, name)))?.context;
  };
}

/** A wildcard stands for one label. @param {string} domain @param {string} name */
function covers(domain, name) {
  const asked = name.toLowerCase();
  if (!domain.startsWith('*.')) return domain.toLowerCase() === asked;
  return asked.slice(asked.indexOf('.')) === domain.slice(1).toLowerCase();
}
