/**
 * Keeps the standby side's images fresh, each group's by itself. Images and copies take minutes to hours, so nothing waits: each tick looks at what there is and
 * moves one step on: make an image of the active side, copy it when it is available, move the pointer when the copy is, prune.
 *
 * The image is taken of a serving instance without a reboot, so it is crash-consistent and carries that instance's files.
 */

import type { Image } from '@aws-sdk/client-ec2';
import type { Base } from '../engines/base.ts';
import { imagesOf, imageTags, madeAt, tagOf } from '../engines/images/images.ts';
import { isoTime } from '../kernel/clock.ts';
import { readAuthority } from '../state/authority.ts';
import type { Side } from '../workload/judged.ts';
import { otherSide, regionOf } from '../workload/judged.ts';

export type ImageTick = 'not-active' | 'fresh' | 'making' | 'made' | 'copying' | 'moved' | 'no-instance' | 'cleared';

/** Either may be the copy: after a failover the newest image of the active side is what the other side once made. */
const areTwins = (one: Image, other: Image): boolean =>
  tagOf(other, imageTags.copyOf) === one.ImageId || tagOf(one, imageTags.copyOf) === other.ImageId;

/** One tick for one group, on the side that makes images: the active one. Answers what it did or waits for. */
export async function tendImages(base: Base, own: Side, group: string): Promise<ImageTick> {
  const { workload, names, clock, on, store } = base;
  if ((await readAuthority(store)).active !== own) return 'not-active';
  const other = otherSide(own);
  const here = imagesOf(on(own).clients);
  const there = imagesOf(on(other).clients);
  const [made, copied] = await Promise.all([here.list(names.prefix, group), there.list(names.prefix, group)]);

  // One that failed stands in the way of the next try, which bears its name; the tick after this one tries again.
  if (await cleared(here, made)) return 'cleared';
  if (await cleared(there, copied)) return 'cleared';
  const newest = made[0];
  const wantedAfter = clock.now() - workload.images.everyHours * 3_600_000;
  if (newest === undefined || madeAt(newest) < wantedAfter) return make();
  if (newest.State !== 'available') return 'making';

  const copy = copied.find((image) => areTwins(newest, image));
  if (copy === undefined) {
    const id = newest.ImageId ?? '';
    await there.copy({ id, region: regionOf(workload, own) }, newest.Name ?? id, names.keyAlias, {
      [imageTags.workload]: names.prefix,
      [imageTags.group]: group,
      [imageTags.madeAt]: String(madeAt(newest)),
      [imageTags.copyOf]: id,
    });
    return 'copying';
  }
  if (copy.State !== 'available') return 'copying';
  const moved = await movePointers(newest, copy);
  await prune(here, made);
  await prune(there, copied);
  return moved ? 'moved' : 'fresh';

  async function make(): Promise<ImageTick> {
    const instance = await here.anInstance(names.group(group));
    if (instance === undefined) return 'no-instance';
    const at = clock.now();
    await here.create(instance, `${names.group(group)}-${isoTime(at).replaceAll(/[:.]/g, '-')}`, {
      [imageTags.workload]: names.prefix,
      [imageTags.group]: group,
      [imageTags.madeAt]: String(at),
    });
    return 'made';
  }

  /** AWS accepts a pointer before it has checked the image, so it is moved only to one that is available. */
  async function movePointers(original: Image, standby: Image): Promise<boolean> {
    let moved = false;
    for (const [side, image] of [
      [other, standby],
      [own, original],
    ] as const) {
      const { parameters } = on(side);
      if ((await parameters.get(names.imageParameter(group)))?.Value === image.ImageId) continue;
      await parameters.put({
        name: names.imageParameter(group),
        value: image.ImageId ?? '',
        type: 'String',
        dataType: 'aws:ec2:image',
      });
      moved = true;
    }
    return moved;
  }

  async function cleared(images: ReturnType<typeof imagesOf>, all: readonly Image[]): Promise<boolean> {
    const failed = all.filter(({ State }) => State === 'failed');
    for (const image of failed) await images.remove(image);
    return failed.length > 0;
  }

  async function prune(images: ReturnType<typeof imagesOf>, all: readonly Image[]): Promise<void> {
    for (const image of all.slice(workload.images.keep)) await images.remove(image);
  }
}
