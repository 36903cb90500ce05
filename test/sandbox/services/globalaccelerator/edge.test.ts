/** An accelerator for real: clients outside reach one Region's instance, then the other's, over static addresses and TLS. */

import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Serving } from '../../balancer/serving.ts';
import { servingTwice } from '../../balancer/serving.ts';

const patience = { timeout: 60_000, interval: 100 };
const [primary, recovery] = ['us-east-1', 'us-west-2'] as const;
const zone = 'Z0EXAMPLE0ZONE';

describe('an accelerator in front of two Regions', () => {
  let up: Serving;
  let other: Serving;
  let accelerator: { AcceleratorArn: string; DnsName: string; IpSets: { IpAddresses: string[] }[] };
  const groups = new Map<string, string>();
  const ga = <Output = Record<string, unknown>>(operation: string, input: object) =>
    up.sandbox.core.invoke<Output>({
      service: 'globalaccelerator',
      operation,
      region: recovery,
      input,
      principal: up.sandbox.core.as('test'),
    });
  const deployed = () =>
    vi.waitFor(async () => {
      const { Accelerator } = await ga<{ Accelerator: { Status: string } }>('DescribeAccelerator', {
        AcceleratorArn: accelerator.AcceleratorArn,
      });
      expect(Accelerator.Status).toBe('DEPLOYED');
    }, patience);
  const healths = async () => {
    const states = [...groups.values()].map(async (EndpointGroupArn) => {
      const { EndpointGroup } = await ga<{ EndpointGroup: { EndpointDescriptions: { HealthState: string }[] } }>(
        'DescribeEndpointGroup',
        { EndpointGroupArn },
      );
      return EndpointGroup.EndpointDescriptions[0]?.HealthState;
    });
    return Promise.all(states);
  };
  const dial = async (region: string, TrafficDialPercentage: number) => {
    await ga('UpdateEndpointGroup', { EndpointGroupArn: groups.get(region), TrafficDialPercentage });
    await deployed();
  };
  /** Which Region answers a new connection to the public name; the second address is as good as the first. */
  const whoAnswers = async (path = '/', timeout = 5000): Promise<string> => {
    const addresses = up.sandbox.network.resolve('photos.example.com', 'A', 'outside')?.values ?? [];
    expect(addresses).toEqual(accelerator.IpSets[0]?.IpAddresses);
    const answers = addresses.map((host) => get(host, up.sandbox.network.boundPort(80), path, timeout));
    const [first = '', second = ''] = await Promise.all(answers);
    if (path === '/') expect(second.split(' ')[0]).toBe(first.split(' ')[0]);
    return path === '/' ? (first.split(' ')[0] ?? '') : first;
  };

  beforeAll(async () => {
    [up, other] = await servingTwice(30, { zones: { [zone]: { name: 'example.com' } } });
    await Promise.all([up.setSize(1), other.setSize(1)]);
    const made = await ga<{ Accelerator: typeof accelerator }>('CreateAccelerator', {
      Name: 'photos',
      IdempotencyToken: 'a',
    });
    accelerator = made.Accelerator;
    const { Listener } = await ga<{ Listener: { ListenerArn: string } }>('CreateListener', {
      AcceleratorArn: accelerator.AcceleratorArn,
      Protocol: 'TCP',
      PortRanges: [{ FromPort: 80, ToPort: 80 }],
      IdempotencyToken: 'l',
    });
    for (const [region, site] of [
      [primary, up],
      [recovery, other],
    ] as const) {
      await vi.waitFor(async () => expect(await site.health()).toEqual(['healthy']), patience);
      const { EndpointGroup } = await ga<{ EndpointGroup: { EndpointGroupArn: string } }>('CreateEndpointGroup', {
        ListenerArn: Listener.ListenerArn,
        EndpointGroupRegion: region,
        EndpointConfigurations: [{ EndpointId: site.balancerArn, ClientIPPreservationEnabled: region === primary }],
        IdempotencyToken: region,
      });
      groups.set(region, EndpointGroup.EndpointGroupArn);
    }
    await up.call('route53', 'ChangeResourceRecordSets', {
      HostedZoneId: zone,
      ChangeBatch: {
        Changes: [
          {
            Action: 'CREATE',
            ResourceRecordSet: {
              Name: 'photos.example.com',
              Type: 'A',
              AliasTarget: { HostedZoneId: 'Z2BJ6XQ5FK7U4H', DNSName: accelerator.DnsName, EvaluateTargetHealth: true },
            },
          },
        ],
      },
    });
    await deployed();
    await vi.waitFor(async () => expect(await healths()).toEqual(['HEALTHY', 'HEALTHY']), patience);
  }, 120_000);
  afterAll(() => up[Symbol.asyncDispose]());

  it('sends to the closest, which sees the client, and to the other when the dial says so', {
    timeout: 90_000,
  }, async () => {
    expect(await whoAnswers()).toBe(primary);
    expect(JSON.parse(await whoAnswers('/headers'))).toMatchObject({ 'x-forwarded-for': '127.0.0.1' });
    await dial(primary, 0);
    expect(await whoAnswers()).toBe(recovery);
    const [address] = accelerator.IpSets[0]?.IpAddresses ?? [];
    expect(JSON.parse(await whoAnswers('/headers'))).toMatchObject({ 'x-forwarded-for': address });
    await dial(primary, 100);
    expect(await whoAnswers()).toBe(primary);
  });

  it('fails over from a dark Region in about half a minute, hangs what was there, and returns when it is back', {
    timeout: 120_000,
  }, async () => {
    const [host = ''] = accelerator.IpSets[0]?.IpAddresses ?? [];
    const held = connect({ host, port: up.sandbox.network.boundPort(80) });
    let ended = false;
    held
      .on('error', () => {})
      .on('close', () => {
        ended = true;
      });
    await new Promise((resolve) => held.once('connect', resolve));
    held.write('GET /slow HTTP/1.1\r\nhost: photos\r\n\r\n');
    const { clock } = up.sandbox;
    await vi.waitFor(async () => expect(await healths()).toEqual(['HEALTHY', 'HEALTHY']), patience);

    const died = clock.now();
    await up.sandbox.faults.goDark(primary);
    await expect(whoAnswers('/', 200)).rejects.toThrow(/abort|timeout/i);
    await vi.waitFor(async () => expect(await whoAnswers('/', 500)).toBe(recovery), patience);
    const seconds = (clock.now() - died) / 1000;
    expect(seconds).toBeGreaterThan(15);
    expect(seconds).toBeLessThan(120);
    expect(ended).toBe(false);

    await up.sandbox.faults.bringBack(primary);
    await vi.waitFor(async () => expect(await whoAnswers('/', 1000)).toBe(primary), patience);
    held.destroy();
  });

  it('does not come back to a Region whose dial is 0, however healthy; until nobody else is', {
    timeout: 120_000,
  }, async () => {
    await up.sandbox.faults.goDark(primary);
    await dial(primary, 0);
    await vi.waitFor(async () => expect(await whoAnswers('/', 500)).toBe(recovery), patience);
    await up.sandbox.faults.bringBack(primary);
    await vi.waitFor(async () => expect(await healths()).toEqual(['HEALTHY', 'HEALTHY']), patience);
    for (let count = 0; count < 5; count++) expect(await whoAnswers()).toBe(recovery);
    await other.setSize(0);
    await vi.waitFor(async () => expect(await whoAnswers('/', 1000)).toBe(primary), patience);
  });

  it('takes no more connections once it is disabled', { timeout: 90_000 }, async () => {
    await ga('UpdateAccelerator', { AcceleratorArn: accelerator.AcceleratorArn, Enabled: false });
    await deployed();
    await vi.waitFor(() => expect(whoAnswers()).rejects.toThrow(/ECONNREFUSED/), patience);
  });
});

function get(host: string, port: number, path: string, timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, agent: false, signal: AbortSignal.timeout(timeout) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode === 200 ? body : `${response.statusCode}`));
    });
    asked.on('error', reject);
    asked.end();
  });
}
