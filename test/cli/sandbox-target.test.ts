/** The sandbox a config asks for: with its witness Region, and with the networks it says are there already. */

import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { sandboxTarget } from '../../src/cli/sandbox-target.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const subnets = (digit: string) => ['a', 'b'].map((end) => `subnet-0000000000000${digit}00${end}`);

it('has three Regions with a witness, and the existing network under its ids', { timeout: 60_000 }, async () => {
  const [publicSubnets, privateSubnets] = [subnets('1'), subnets('2')];
  const workload = parseWorkload({
    name: 'photos',
    compute: { web: { image: 'ami-0123456789abcdef0' } },
    traffic: { zone: 'photos.example', name: 'www.photos.example' },
    primary: { region: 'us-east-1', network: { vpc: 'vpc-00000000000000001', publicSubnets, privateSubnets } },
    recovery: { region: 'us-west-2' },
    witness: { region: 'us-east-2' },
  });
  const target = await sandboxTarget({ workload, baseDirectory: '.', speed: 'max', signals: false });
  try {
    expect(target.sandbox.core.regions).toEqual(['us-east-1', 'us-west-2', 'us-east-2']);
    const ec2 = await target.clients('us-east-1').ec2();
    const { Subnets } = await ec2.send(
      new DescribeSubnetsCommand({ SubnetIds: [...publicSubnets, ...privateSubnets] }),
    );
    expect(
      Subnets?.map(({ AvailabilityZone, MapPublicIpOnLaunch }) => [AvailabilityZone, MapPublicIpOnLaunch]),
    ).toEqual([
      ['us-east-1a', true],
      ['us-east-1b', true],
      ['us-east-1a', false],
      ['us-east-1b', false],
    ]);
    const lift = await target.raise({ kind: 'dark', region: 'witness' });
    expect(target.sandbox.core.region('us-east-2').dark).toBe(true);
    await lift();
  } finally {
    await target.stop();
  }
});
