/** The sandbox's names over DNS, UDP and TCP on one port. The asker's place is told by its address. */

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import {
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  type ResourceRecord,
} from 'dns-packet';
import type { DnsQuestion, Endpoint, Place } from '../contract.ts';
import type { Names, RecordSet } from './names.ts';

export interface DnsServer extends Endpoint {
  close(): Promise<void>;
}

const answered = { noError: 0, formatError: 1, noSuchName: 3, notImplemented: 4 } as const;
const types: readonly string[] = ['A', 'AAAA', 'CNAME', 'TXT', 'NS', 'SOA'] satisfies DnsQuestion['type'][];
/** What fits in a UDP answer: without EDNS, and the most with it. Longer ones are cut off and asked for again over TCP. */
const plainDatagram = 512;
const longestDatagram = 4096;
const truncated = 0x0200;

/** Listens on a free port of `host`. `placeOf` may answer undefined: then the query gets no answer at all. */
export async function serveDns(
  host: string,
  names: Names,
  placeOf: (address: string) => Place | undefined,
): Promise<DnsServer> {
  const reply = (bytes: Buffer, source: string): Packet | undefined => {
    const from = placeOf(source);
    return from === undefined ? undefined : answerTo(bytes, names, from);
  };
  const connections = new Set<Socket>();
  const tcp = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    serveStream(socket, reply);
  });
  const { udp, port } = await listenOnBoth(tcp, host);
  udp.on('message', (bytes, { address, port: toPort }) => {
    const packet = reply(bytes, address);
    if (packet === undefined) return;
    let answer = encode(packet);
    if (answer.length > fits(bytes)) {
      answer = encode({ ...packet, answers: [], flags: (packet.flags ?? 0) | truncated });
    }
    udp.send(answer, toPort, address, () => {});
  });
  return {
    host,
    port,
    close: async () => {
      for (const socket of connections) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => tcp.close(() => resolve())),
        new Promise<void>((resolve) => udp.close(() => resolve())),
      ]);
    },
  };
}

function answerTo(bytes: Buffer, names: Names, from: Place): Packet | undefined {
  let query: Packet;
  try {
    query = decode(bytes);
  } catch {
    return undefined;
  }
  if (query.type !== 'query') return undefined;
  const question = query.questions?.[0];
  const base = {
    ...(query.id === undefined ? {} : { id: query.id }),
    type: 'response' as const,
    questions: query.questions ?? [],
  };
  const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED);
  if (question === undefined) return { ...base, flags: flags | answered.formatError };
  if (!types.includes(question.type)) return { ...base, flags: flags | answered.notImplemented };
  const records = names.lookUp(question.name, question.type as DnsQuestion['type'], from);
  if (records === undefined) return { ...base, flags: flags | answered.noSuchName };
  return { ...base, flags: flags | answered.noError, answers: records.flatMap(wireRecords) };
}

function wireRecords({ name, type, ttl, values }: RecordSet): ResourceRecord[] {
  return values.map((value) => ({ name, type, ttl: Math.max(0, Math.floor(ttl)), data: wireData(type, value) }));
}

function wireData(type: RecordSet['type'], value: string): unknown {
  if (type !== 'SOA') return value;
  const [mname = '', rname = '', ...numbers] = value.split(/\s+/);
  const [serial = 1, refresh = 7200, retry = 900, expire = 1209600, minimum = 86400] = numbers.map(Number);
  return { mname, rname, serial, refresh, retry, expire, minimum };
}

/** The size of answer that a query's EDNS record, if it has one, says the asker takes. */
function fits(query: Buffer): number {
  const options = decode(query).additionals?.find(({ type }) => type === 'OPT');
  return Math.min(longestDatagram, Math.max(plainDatagram, options?.udpPayloadSize ?? 0));
}

/** Messages over TCP carry their length in two bytes before them. */
function serveStream(socket: Socket, reply: (bytes: Buffer, source: string) => Packet | undefined): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const packet = reply(pending.subarray(2, end), socket.remoteAddress ?? '');
      pending = pending.subarray(end);
      if (packet === undefined) continue;
      const answer = encode(packet);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    }
  });
}

async function listenOnBoth(tcp: Server, host: string): Promise<{ udp: UdpSocket; port: number }> {
  for (let attempt = 1; ; attempt++) {
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(0, host, () => {
        tcp.off('error', reject);
        resolve();
      });
    });
    const address = tcp.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const udp = createSocket('udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        udp.once('error', reject);
        udp.bind({ address: host, port, exclusive: true }, () => {
          udp.off('error', reject);
          resolve();
        });
      });
      udp.on('error', () => {});
      return { udp, port };
    } catch (error) {
      udp.close();
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
      if (attempt === 10) throw error;
    }
  }
}
