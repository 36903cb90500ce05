import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Exposure } from '../../../src/sandbox/contract.ts';
import type { SandboxNetwork } from '../../../src/sandbox/network/network.ts';
import { call, type Echo, east, echoServer, quickNetwork, settle, until, west } from './fixtures.ts';

let network: SandboxNetwork;
let echo: Echo;
let exposure: Exposure;

beforeEach(async () => {
  network = await quickNetwork();
  echo = await echoServer();
  exposure = await network.expose({ place: east, address: network.allocate(east), port: 3306, to: echo });
});
afterEach(async () => {
  await network.close();
  await echo.close();
});

describe('a relay', () => {
  it('carries bytes both ways, unchanged and complete, and passes on each end', async () => {
    const payload = randomBytes(30 * 1024 * 1024);
    const client = await call(exposure);
    client.socket.removeAllListeners('data');
    const hash = createHash('sha256');
    let received = 0;
    client.socket.on('data', (bytes: Buffer) => {
      hash.update(bytes);
      received += bytes.length;
    });
    client.socket.end(payload);
    await once(client.socket, 'end');
    expect(received).toBe(payload.length);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(payload).digest('hex'));
  });

  it('shows the server who calls', async () => {
    const seen: string[] = [];
    const server = await echoServer((socket) => {
      seen.push(socket.remoteAddress ?? '');
      socket.end('bye');
    });
    exposure.retarget(server);
    const mine = network.allocate(west);
    const client = await call(exposure, mine);
    await until(() => client.text() === 'bye');
    expect(seen).toEqual([mine]);
    await server.close();
  });

  it('delays each direction by the delay of its link, and the first byte by a handshake', async () => {
    network.links.setDelay(west, east, 30);
    network.links.setDelay(east, west, 50);
    const begun = performance.now();
    const client = await call(exposure, network.allocate(west));
    client.socket.write('one');
    await until(() => client.text() === 'one');
    // 30 + 50 + 30 to connect, then 30 there (spent while connecting) and 50 back.
    expect(performance.now() - begun).toBeGreaterThan(155);
    const sent = performance.now();
    client.socket.write('two');
    await until(() => client.text() === 'onetwo');
    const taken = performance.now() - sent;
    expect(taken).toBeGreaterThan(78);
    expect(taken).toBeLessThan(140);
    client.socket.destroy();
  });

  it('slows a sender whose receiver does not read', async () => {
    const server = await echoServer((socket) => socket.pause());
    exposure.retarget(server);
    const client = await call(exposure);
    const chunk = Buffer.alloc(1024 * 1024);
    let sent = 0;
    while (sent < 64 && client.socket.write(chunk)) sent++;
    for (; sent < 64; sent++) client.socket.write(chunk);
    await settle();
    expect(client.socket.writableLength).toBeGreaterThan(40 * 1024 * 1024);
    client.socket.destroy();
    await server.close();
  });

  it('resets callers when nothing listens behind it', async () => {
    exposure.retarget({ host: '127.0.0.1', port: 1 });
    const refused = await call(exposure);
    await until(() => refused.closed());
    expect(refused.error()).toBe('ECONNRESET');
    exposure.retarget(undefined);
    const nobody = await call(exposure);
    await until(() => nobody.closed());
    expect(nobody.error()).toBe('ECONNRESET');
  });

  it('lets established connections stay when it is retargeted, and ends them when told', async () => {
    const other = await echoServer((socket) => socket.end('other'));
    const before = await call(exposure);
    before.socket.write('a');
    await until(() => before.text() === 'a');
    exposure.retarget(other);
    before.socket.write('b');
    await until(() => before.text() === 'ab');
    const after = await call(exposure);
    await until(() => after.text() === 'other');
    exposure.dropConnections();
    await until(() => before.closed());
    await until(() => echo.sockets.size === 0);
    await other.close();
  });

  it('leaves a caller it does not admit without an answer', async () => {
    const allowed = network.allocate(west);
    const guarded = await network.expose({
      place: east,
      address: network.allocate(east),
      port: 80,
      to: echo,
      admit: (source) => source === allowed,
    });
    expect(guarded.boundPort).toBe(8080);
    const stranger = await call(guarded, network.allocate(west));
    stranger.socket.write('hello');
    const friend = await call(guarded, allowed);
    friend.socket.write('hello');
    await until(() => friend.text() === 'hello');
    await settle();
    expect(stranger.text()).toBe('');
    expect(stranger.closed()).toBe(false);
    expect(echo.sockets.size).toBe(1);
    stranger.socket.destroy();
    friend.socket.destroy();
  });
});

describe('a dark place', () => {
  it('accepts and never answers; what calls meanwhile is served on its return', async () => {
    network.links.setDark(east, true);
    const patient = await call(exposure);
    patient.socket.write('still there?');
    await settle();
    expect(patient.closed()).toBe(false);
    expect(patient.text()).toBe('');
    expect(echo.sockets.size).toBe(0);
    network.links.setDark(east, false);
    await until(() => patient.text() === 'still there?');
    patient.socket.destroy();
  });

  it('never hears of a caller that gave up', async () => {
    network.links.setDark(east, true);
    const client = await call(exposure);
    client.socket.end('DROP TABLE photos');
    await settle();
    network.links.setDark(east, false);
    await settle();
    expect(echo.sockets.size).toBe(0);
  });

  it('keeps its connections open and silent, and resets them once it is back', async () => {
    const client = await call(exposure);
    client.socket.write('a');
    await until(() => client.text() === 'a');
    network.links.setDark(east, true);
    for (const socket of echo.sockets) socket.destroy();
    client.socket.write('b');
    await settle();
    expect(client.closed()).toBe(false);
    expect(client.text()).toBe('a');
    network.links.setDark(east, false);
    await until(() => client.closed());
    expect(client.error()).toBe('ECONNRESET');
    expect(client.text()).toBe('a');
  });

  it('leaves the servers elsewhere with connections that say nothing, until it is back', async () => {
    const client = await call(exposure, network.allocate(west));
    client.socket.write('a');
    await until(() => client.text() === 'a');
    network.links.setDark(west, true);
    client.socket.destroy();
    await settle();
    expect(echo.sockets.size).toBe(1);
    network.links.setDark(west, false);
    await until(() => echo.sockets.size === 0);
  });
});

describe('a partition', () => {
  it('stops one direction only', async () => {
    const client = await call(exposure, network.allocate(west));
    client.socket.write('a');
    await until(() => client.text() === 'a');
    const [server] = echo.sockets;

    network.links.cut(west, east);
    client.socket.write('b');
    server?.write('news');
    await until(() => client.text() === 'anews');
    await settle();
    expect(client.text()).toBe('anews');
    network.links.mend(west, east);
    await until(() => client.text() === 'anewsb');

    network.links.cut(east, west);
    client.socket.write('c');
    await settle();
    expect(client.text()).toBe('anewsb');
    network.links.mend(east, west);
    await until(() => client.text() === 'anewsbc');
    client.socket.destroy();
  });

  it('lets no new connection through while either direction is cut, and touches no other link', async () => {
    network.links.cut(east, west);
    const cut = await call(exposure, network.allocate(west));
    const free = await call(exposure);
    cut.socket.write('a');
    free.socket.write('b');
    await until(() => free.text() === 'b');
    await settle();
    expect(cut.text()).toBe('');
    expect(echo.sockets.size).toBe(1);
    network.links.mend(east, west);
    await until(() => cut.text() === 'a');
    cut.socket.destroy();
    free.socket.destroy();
  });

  it('is judged from where the exposure says its callers are, when their address cannot tell', async () => {
    const replication = await network.expose({
      place: east,
      address: network.allocate(east),
      port: 3306,
      to: echo,
      from: west,
    });
    network.links.cut(west, east);
    const client = await call(replication);
    client.socket.write('a');
    await settle();
    expect(client.text()).toBe('');
    network.links.mend(west, east);
    await until(() => client.text() === 'a');
    client.socket.destroy();
  });
});
