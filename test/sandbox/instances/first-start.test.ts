/** User data run for real, by real instances: what it does to the instance, and what it leaves alone. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { logSources } from '../../../src/sandbox/control/logs.ts';
import { containmentProblem } from '../../../src/sandbox/instances/containment.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import type { RealSandbox } from '../../support/real-sandbox.ts';
import { realSandbox } from '../../support/real-sandbox.ts';
import type { TestNetwork } from '../services/ec2/ec2-sandbox.ts';
import { appImage, network } from '../services/ec2/ec2-sandbox.ts';

/** Writes down what it finds when it starts, and works on. */
const app = `
import { readFileSync, writeFileSync } from 'node:fs';
const found = (file) => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    return error.code;
  }
};
const files = ['/etc/photos-seeded.conf', '/opt/photos/model', '/opt/photos/runs'].map(found);
writeFileSync('found.json', JSON.stringify({ name: process.env.NAME, files, boot: (Number(found('boot')) || 0) + 1 }));
writeFileSync('boot', String(JSON.parse(found('found.json')).boot));
setInterval(() => {}, 1000);
`;

interface Found {
  readonly name: string;
  readonly files: readonly string[];
  readonly boot: number;
}

const region = 'us-east-1';
const patience = { timeout: 60_000, interval: 100 };

// Some machines forbid user namespaces: there such user data is refused, and nothing of this can be.
describe.skipIf(containmentProblem() !== undefined)('an instance that starts for the first time', () => {
  let folder: string;
  let sandbox: RealSandbox;
  let net: TestNetwork;

  const ec2 = <Output>(operation: string, input: object) =>
    sandbox.core.invoke<Output>({ service: 'ec2', operation, region, input, principal: sandbox.core.as('test') });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pilot-light-app-'));
    writeFileSync(join(folder, 'server.mjs'), app);
    sandbox = await realSandbox(
      [(core) => createEc2Service(core, { images: { [appImage]: { folder, command: ['node', 'server.mjs'] } } })],
      { speed: 30 },
    );
    net = await network({ ec2 });
  });
  afterAll(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true });
  });

  async function launch(userData: string, ImageId = appImage): Promise<string> {
    const { Instances } = await ec2<{ Instances: { InstanceId: string }[] }>('RunInstances', {
      ImageId,
      InstanceType: 't3.small',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: net.privateSubnets[0],
      SecurityGroupIds: [net.groupId],
      UserData: Buffer.from(userData).toString('base64'),
    });
    return Instances[0]?.InstanceId ?? '';
  }

  const disk = (id: string) => join(sandbox.core.directory, 'ec2', region, 'instances', id);
  /** What its program found, once it has started for the `boot`th time. */
  const found = (id: string, boot = 1) =>
    vi.waitFor(() => {
      const all = JSON.parse(readFileSync(join(disk(id), 'found.json'), 'utf8')) as Found;
      expect(all.boot).toBe(boot);
      return all;
    }, patience);
  const consoleOf = async (id: string): Promise<string> => {
    const { Output } = await ec2<{ Output?: string }>('GetConsoleOutput', { InstanceId: id });
    return Buffer.from(Output ?? '', 'base64').toString('utf8');
  };

  it('runs its user data as root in its own root, once, and its program sees what that changed', {
    timeout: 120_000,
  }, async () => {
    const id = await launch(
      [
        '#!/bin/bash',
        'set -e',
        'NAME=photos',
        'echo "I am $(id -un) in $(basename "$PWD")"',
        'yum install -y nginx',
        'systemctl enable --now nginx',
        'echo warm > /etc/photos-seeded.conf',
        'mkdir -p /opt/photos && echo model > /opt/photos/model',
        'date >> runs; wc -l < runs > /opt/photos/runs',
        'touch /usr/bin/photos-evil || echo "the machine stays as it is"',
        '',
      ].join('\n'),
    );
    expect(await found(id)).toMatchObject({ name: 'photos', files: ['warm', 'model', '1'] });
    expect(
      existsSync('/etc/photos-seeded.conf') || existsSync('/opt/photos') || existsSync('/usr/bin/photos-evil'),
    ).toBe(false);
    const text = await consoleOf(id);
    expect(text).toContain(`I am root in ${id}\n`);
    expect(text).toContain('yum install -y nginx: not done in the sandbox');
    expect(text).toContain('the machine stays as it is');
    expect(logSources(sandbox.core).map(({ kind, name }) => `${kind} ${name}`)).toContain(`instance ${id}-user-data`);

    await ec2('RebootInstances', { InstanceIds: [id] });
    expect(await found(id, 2)).toMatchObject({ files: ['warm', 'model', '1'] });

    // An image of it holds what it holds; an instance of that runs its own user data.
    const { ImageId } = await ec2<{ ImageId: string }>('CreateImage', {
      InstanceId: id,
      Name: 'seeded',
      NoReboot: true,
    });
    await vi.waitFor(async () => {
      const { Images } = await ec2<{ Images: { State: string }[] }>('DescribeImages', { ImageIds: [ImageId] });
      expect(Images[0]?.State).toBe('available');
    }, patience);
    const copy = await launch('#!/bin/sh\nNAME=photos\ncat /etc/photos-seeded.conf\n', ImageId);
    expect(await found(copy, 3)).toMatchObject({ files: ['warm', 'model', '1'] });
    expect(await consoleOf(copy)).toBe('warm\n');

    await ec2('TerminateInstances', { InstanceIds: [id, copy] });
    await vi.waitFor(() => expect(existsSync(disk(id))).toBe(false), patience);
  });

  it('starts its program all the same when its user data fails, and says why on its console', {
    timeout: 90_000,
  }, async () => {
    const id = await launch('#!/bin/sh\nNAME=photos\nexit 3\n');
    expect(await found(id)).toMatchObject({ name: 'photos' });
    expect(await consoleOf(id)).toBe('Failed running /var/lib/cloud/instance/scripts/part-001 [3]\n');
  });

  it('has nothing on its console before, and where nothing is to be run', { timeout: 90_000 }, async () => {
    const id = await launch('#!/bin/sh\nexport NAME=photos\n');
    expect(await consoleOf(id)).toBe('');
    expect(await found(id)).toMatchObject({ name: 'photos' });
    expect(await consoleOf(id)).toBe('');
  });

  it('is refused when its user data is of a kind that nobody here runs', async () => {
    await expect(launch('#cloud-config\npackages: [nodejs]\n')).rejects.toMatchObject({
      code: 'UnsupportedOperation',
      message: expect.stringMatching(/text\/cloud-config.*#!/),
    });
    const template = (UserData: string) =>
      ec2('CreateLaunchTemplate', { LaunchTemplateName: 'app', LaunchTemplateData: { ImageId: appImage, UserData } });
    await expect(template(Buffer.from('#include\nhttp://example.org').toString('base64'))).rejects.toMatchObject({
      code: 'UnsupportedOperation',
    });
    await expect(template(Buffer.from(`#!/bin/sh\n${'#'.repeat(16_384)}`).toString('base64'))).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
  });
});
