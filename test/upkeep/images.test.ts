/** The image pipeline over the wire, in Regions that fail what it asks for. */

import { CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Base, baseContext } from '../../src/engines/base.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { noMachinery } from '../../src/sandbox/instances/machinery.ts';
import { createAutoScalingService } from '../../src/sandbox/services/autoscaling/service.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { createEc2Service } from '../../src/sandbox/services/ec2/service.ts';
import { createSsmService } from '../../src/sandbox/services/ssm/service.ts';
import { commit, takeLock } from '../../src/state/authority.ts';
import { type ImageTick, tendImages } from '../../src/upkeep/images.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { appImage, network } from '../sandbox/services/ec2/ec2-sandbox.ts';
import { stateTable } from '../support/state-table.ts';
import { type WiredSandbox, wiredSandbox } from '../support/wired-sandbox.ts';

const [here, there] = ['us-east-1', 'us-west-2'] as const;
const workload = parseWorkload({
  name: 'photos',
  primary: { region: here },
  recovery: { region: there },
  compute: { web: { image: appImage } },
  functions: {},
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
});

let wired: WiredSandbox;
let base: Base;

beforeAll(async () => {
  wired = await wiredSandbox([
    createDynamoDbService,
    createSsmService,
    (core) =>
      createEc2Service(core, {
        machinery: noMachinery,
        images: { [appImage]: { folder: import.meta.dirname, command: [] } },
      }),
    createAutoScalingService,
  ]);
  const { sandbox } = wired;
  sandbox.clock.setCeiling(Number.POSITIVE_INFINITY);
  base = baseContext({ workload, clock: sandbox.clock, ids: systemIds, clientsFor: (region) => wired.clients(region) });
  await stateTable(wired.clients(there), base.names.table);
  const { privateSubnets } = await network({
    ec2: (operation, input, region = here) =>
      sandbox.core.invoke({ service: 'ec2', operation, region, input, principal: sandbox.core.as('test') }),
  });
  await (await wired.clients(here).ec2()).send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'web',
      LaunchTemplateData: { ImageId: appImage, InstanceType: 't3.medium' },
    }),
  );
  await (await wired.clients(here).autoScaling()).send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: base.names.group('web'),
      LaunchTemplate: { LaunchTemplateName: 'web' },
      MinSize: 1,
      MaxSize: 1,
      VPCZoneIdentifier: privateSubnets.join(','),
    }),
  );
});
afterAll(() => wired?.[Symbol.asyncDispose]());

const tick = (): Promise<ImageTick> => tendImages(base, 'primary', 'web');
const until = (wanted: ImageTick) => expect.poll(tick, { timeout: 20_000, interval: 20 }).toBe(wanted);
const pointer = async () => (await base.on('recovery').parameters.get(base.names.imageParameter('web')))?.Value;
const copies = async () =>
  (await (await wired.clients(there).ec2()).send(new DescribeImagesCommand({ Owners: ['self'] }))).Images?.filter(
    ({ SourceImageRegion }) => SourceImageRegion === here,
  ) ?? [];

test('the pointer stays on the image that is there while a newer one can not be copied, and follows once it can', {
  timeout: 60_000,
}, async () => {
  await until('moved');
  const first = await pointer();
  expect((await copies()).map(({ ImageId }) => ImageId)).toEqual([first]);

  const fault = await wired.sandbox.board.raise({ kind: 'stale-image', region: there });
  const { everyHours } = workload.images;
  const later: Base = { ...base, clock: { ...base.clock, now: () => base.clock.now() + (everyHours + 1) * 3_600_000 } };
  expect(await tendImages(later, 'primary', 'web')).toBe('made');
  await until('copying');
  const failed = async () => (await copies()).find(({ State }) => State === 'failed');
  await expect.poll(failed, { timeout: 20_000 }).toMatchObject({ StateReason: { Code: 'Server.InternalError' } });
  await until('cleared');
  expect(await failed()).toBeUndefined();
  expect(await pointer()).toBe(first);

  // It is tried again, without waiting for the next image to be made.
  await wired.sandbox.board.lift(fault.id);
  const copied = async () => {
    await tick();
    return pointer();
  };
  await expect.poll(copied, { timeout: 20_000, interval: 20 }).not.toBe(first);
});

test('after a failover the copy is not copied back: its original still stands under that name', {
  timeout: 60_000,
}, async () => {
  await until('fresh');
  const before = await pointer();
  const { epoch } = await takeLock(base.store, 'run', 'primary');
  await commit(base.store, { id: 'run', plan: 'failover', version: 1, epoch: epoch + 1 }, 'recovery');
  expect(await tick()).toBe('not-active');
  expect(await tendImages(base, 'recovery', 'web')).toBe('fresh');
  expect(await pointer()).toBe(before);
});
