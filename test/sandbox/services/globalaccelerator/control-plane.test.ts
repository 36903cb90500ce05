/** Global Accelerator's control plane on the wire: it answers in us-west-2 only, hangs with it, and is there for sandboxes without it. */

import { GlobalAcceleratorClient, ListAcceleratorsCommand } from '@aws-sdk/client-global-accelerator';
import { expect, test } from 'vitest';
import { createGlobalAcceleratorService } from '../../../../src/sandbox/services/globalaccelerator/service.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';
import { wiredSandbox } from '../../../support/wired-sandbox.ts';

async function listed(regions: string[], region: string, dark: readonly string[] = []): Promise<unknown> {
  await using wired = await wiredSandbox([createGlobalAcceleratorService], { regions });
  for (const one of dark) await wired.sandbox.faults.goDark(one);
  const client = new GlobalAcceleratorClient({
    region,
    endpoint: wired.sandbox.core.endpoint('outside'),
    credentials: wired.credentials,
    maxAttempts: 1,
    requestHandler: { requestTimeout: 1000, throwOnRequestTimeout: true },
  });
  try {
    return (await client.send(new ListAcceleratorsCommand({}))).Accelerators;
  } catch (error) {
    return (error as Error).name;
  } finally {
    client.destroy();
  }
}

test('it is called in us-west-2, wherever the callers and the workload are', async () => {
  expect(await listed(['us-east-1', 'us-west-2'], 'us-west-2')).toEqual([]);
  expect(await listed(['us-east-1', 'us-west-2'], 'us-east-1')).toBe('InvalidSignatureException');
  expect(await listed(['eu-west-1', 'eu-central-1'], 'us-west-2')).toEqual([]);
});

test('it says nothing while us-west-2 is dark, and goes on while another Region is', async () => {
  expect(await listed(['us-east-1', 'us-west-2'], 'us-west-2', ['us-west-2'])).toBe('TimeoutError');
  expect(await listed(['us-east-1', 'us-west-2'], 'us-west-2', ['us-east-1'])).toEqual([]);
});

test('what is not played is refused by name', async () => {
  const sandbox = testSandbox([createGlobalAcceleratorService]);
  const ga = <Output = Record<string, unknown>>(operation: string, input: object) =>
    sandbox.call<Output>('globalaccelerator', operation, input, 'us-west-2');
  const name = { Name: 'photos', IdempotencyToken: 'a' };
  await expect(ga('CreateAccelerator', { ...name, IpAddressType: 'DUAL_STACK' })).rejects.toThrow(/DUAL_STACK/);
  await expect(ga('CreateAccelerator', { ...name, Name: '-photos' })).rejects.toMatchObject({
    code: 'InvalidArgumentException',
  });
  const { Accelerator } = await ga<{ Accelerator: { AcceleratorArn: string } }>('CreateAccelerator', name);
  const again = await ga<{ Accelerator: { AcceleratorArn: string } }>('CreateAccelerator', name);
  expect(again.Accelerator.AcceleratorArn).toBe(Accelerator.AcceleratorArn);
  const listener = { AcceleratorArn: Accelerator.AcceleratorArn, IdempotencyToken: 'l', Protocol: 'TCP' };
  await expect(
    ga('CreateListener', { ...listener, Protocol: 'UDP', PortRanges: [{ FromPort: 53, ToPort: 53 }] }),
  ).rejects.toThrow(/UDP/);
  await expect(ga('CreateListener', { ...listener, PortRanges: [{ FromPort: 1, ToPort: 1000 }] })).rejects.toThrow(
    /at most 50 ports/,
  );
  await expect(
    ga('CreateListener', { ...listener, PortRanges: [{ FromPort: 443, ToPort: 80 }] }),
  ).rejects.toMatchObject({
    code: 'InvalidPortRangeException',
  });
  const { Listener } = await ga<{ Listener: { ListenerArn: string } }>('CreateListener', {
    ...listener,
    PortRanges: [{ FromPort: 443, ToPort: 443 }],
  });
  const group = { ListenerArn: Listener.ListenerArn, IdempotencyToken: 'g', EndpointGroupRegion: 'us-east-1' };
  const endpoint = (EndpointId: string) => ({ ...group, EndpointConfigurations: [{ EndpointId }] });
  await expect(ga('CreateEndpointGroup', endpoint('i-0123456789abcdef0'))).rejects.toThrow(
    /application load balancers/,
  );
  const balancer = (region: string) =>
    `arn:aws:elasticloadbalancing:${region}:111122223333:loadbalancer/app/web/0123456789abcdef`;
  for (const region of ['us-east-1', 'us-west-2']) {
    await expect(ga('CreateEndpointGroup', endpoint(balancer(region)))).rejects.toMatchObject({
      code: 'InvalidArgumentException',
    });
  }
});

test('a change overtaken by another is deployed with it, and goes on in the next life of a sandbox', async () => {
  const sandbox = testSandbox([createGlobalAcceleratorService]);
  const status = async (of = sandbox) => {
    const answer = await of.call<{ Accelerators: { Status: string }[] }>(
      'globalaccelerator',
      'ListAccelerators',
      {},
      'us-west-2',
    );
    return answer.Accelerators[0]?.Status;
  };
  const { Accelerator } = await sandbox.call<{ Accelerator: { AcceleratorArn: string; DnsName: string } }>(
    'globalaccelerator',
    'CreateAccelerator',
    { Name: 'photos', IdempotencyToken: 'a' },
    'us-west-2',
  );
  await sandbox.clock.advance(60_000);
  const { AcceleratorArn } = Accelerator;
  await sandbox.call('globalaccelerator', 'UpdateAccelerator', { AcceleratorArn, Name: 'pictures' }, 'us-west-2');
  await sandbox.clock.advance(60_000);
  expect(await status()).toBe('IN_PROGRESS');
  const next = testSandbox([createGlobalAcceleratorService], undefined, {
    tables: { open: (service, region, name) => sandbox.core.table(service as 'acm', region, name) },
    start: sandbox.clock.now(),
  });
  for (const service of next.dispatcher.services) await service.resume?.();
  expect(next.core.network.resolve(Accelerator.DnsName, 'A', 'outside')?.values).toHaveLength(2);
  await next.clock.advance(120_000);
  expect(await status(next)).toBe('DEPLOYED');
});
