/** The baseline measured: from the outage to the first write a customer has acknowledged, its traffic moved by hand the moment it ends. */

import { publishActive } from '../../src/engines/traffic/alarm-latch.ts';
import { sleep } from '../../src/kernel/clock.ts';
import { messageOf } from '../../src/kernel/errors.ts';
import type { Stage } from '../../src/rehearsal/stage.ts';
import { regionOf } from '../../src/workload/judged.ts';
import type { Setting } from '../setting.ts';
import { play } from '../setting.ts';
import type { BaselineRun } from './failover.ts';
import { failover } from './failover.ts';
import type { BaselineSettings } from './settings.ts';
import { install } from './settings.ts';
import { standInEnded } from './stand-in.ts';

export interface BaselineFigures {
  /** AWS seconds since the outage. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly serving: number | undefined;
  readonly resolved: number;
  readonly states: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  readonly statuses: readonly string[];
  readonly ignored: readonly string[];
  /** AWS seconds per real second, as measured over the outage. */
  readonly speed: number;
}

/** @param startAfterSeconds AWS seconds from the outage to the start of the baseline */
export async function measureBaseline(setting: Setting, startAfterSeconds: number): Promise<BaselineFigures> {
  let settings: BaselineSettings | undefined;
  let figures: BaselineFigures | undefined;
  const { failures } = await play(setting, (stage) => ({
    async prepare() {
      settings = await install(stage().clients('recovery'), setting.workload);
      await switchWatcherOff(stage());
    },
    async recover() {
      if (settings === undefined) throw new Error('The baseline was not installed.');
      figures = await recover(stage(), settings, startAfterSeconds);
    },
  }));
  if (figures === undefined) throw new Error(failures.find((failure) => failure !== standInEnded) ?? 'no figures');
  return figures;
}

/** Its rule: a minute later the last look has ended, long before the outage. */
async function switchWatcherOff(stage: Stage): Promise<void> {
  const { DisableRuleCommand } = await import('@aws-sdk/client-eventbridge');
  const client = await stage.clients('recovery').events();
  await client.send(new DisableRuleCommand({ Name: stage.names.controlFunction('watch') }));
}

async function recover(stage: Stage, settings: BaselineSettings, startAfterSeconds: number): Promise<BaselineFigures> {
  const { clock } = stage.target;
  const { dark } = stage.moments;
  if (dark === undefined) throw new Error('The Region has not gone dark.');
  await sleep(clock, Math.max(0, dark.aws + 1000 * startAfterSeconds - clock.now()));
  const startedAt = clock.now();
  stage.progress('the baseline starts');
  const run = await failover({
    clock,
    primary: stage.clients('primary'),
    recovery: stage.clients('recovery'),
    settings,
  });
  const endedAt = clock.now();
  stage.progress('the baseline has ended; its traffic is moved by hand');
  const attempts = await moveByHand(stage);
  const since = (aws: number) => seconds(aws - dark.aws);
  const answered = attempts.filter(({ startedAt, region }) => startedAt > dark.aws && region !== '');
  const [first] = answered;
  const resolved = answered.find(({ acknowledged }) => acknowledged);
  const now = stage.now();
  return {
    startedAt: since(startedAt),
    endedAt: since(endedAt),
    serving: first === undefined ? undefined : since(first.endedAt),
    resolved: since(resolved?.endedAt ?? Number.NaN),
    ...told(run, since),
    speed: Math.round(((now.aws - dark.aws) / (now.real - dark.real)) * 10) / 10,
  };
}

/**
 * The same latch as the product's, published by hand until it has moved: a data-plane call to the recovery Region. Changing the
 * records by hand wouldn't work: Route 53's control plane is in us-east-1. Answers the customers' attempts in the order of their end.
 */
async function moveByHand(stage: Stage) {
  const { clock } = stage.target;
  const recovery = regionOf(stage.workload, 'recovery');
  let published = Number.NEGATIVE_INFINITY;
  return stage.until("a customer's write to be acknowledged", 3600, 1, async () => {
    if (clock.now() - published >= 20_000) {
      await publishActive(stage.clients('recovery'), stage.names, 'recovery', clock.now());
      published = clock.now();
    }
    await stage.attempts.refresh();
    const back = stage.attempts.acknowledged.some(({ region }) => region === recovery);
    return back && [...stage.attempts.attempts].sort((one, other) => one.endedAt - other.endedAt);
  });
}

const told = ({ states, statuses, ignored }: BaselineRun, since: (aws: number) => number) => ({
  states: states.map(({ name, startedAt, endedAt }) => ({ name, from: since(startedAt), to: since(endedAt) })),
  statuses,
  ignored: ignored.map(messageOf),
});

const seconds = (milliseconds: number): number => Math.round(milliseconds / 100) / 10;
