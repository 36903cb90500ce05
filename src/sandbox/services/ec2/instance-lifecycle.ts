/**
 * The life of an instance: pending, running, and the ways out. States change on the Region's clock; the program behind an instance
 * is the machinery's.
 *
 *  1. An instance is `running` when the modelled time from launch has passed; its program answers a boot later
 *     (`asg_app_boot_user_data`), and the real start is absorbed by the end of that wait.
 *  2. A program that ends by itself leaves the instance `running` with an impaired status check: the machine is there, and does
 *     nothing. Auto Scaling replaces it.
 *  3. A program that hangs leaves it `running` with its status checks passed: only who asks the program learns of it.
 *  4. An instance whose disk's key can't be used leaves `pending` for `shutting-down`, and says why in AWS's few words.
 *  5. When a Region goes dark its programs die with it. When it comes back, what was running boots again under its id; and so it is
 *     with every Region when a sandbox goes on, where besides what was on its way begins that way anew.
 */

import type { SandboxCore } from '../../contract.ts';
import { copyFolder, instanceFolder, makeFolder, removeFolder } from '../../instances/image-folders.ts';
import type { Machinery } from '../../instances/machinery.ts';
import { instanceShutdown, terminatedVisible } from './durations.ts';
import { letsInto } from './instance-admission.ts';
import type { InstanceRow } from './machine-rows.ts';
import { machineTables } from './machine-rows.ts';
import { unregisterInterface } from './network-interfaces.ts';
import { ec2Tables } from './rows.ts';

/** How much of a boot's modelled time the real start may take before AWS time has to wait for it, in milliseconds. */
const startLead = 20_000;

export interface InstanceLifecycle {
  /** Brings a new `pending` instance up. */
  launch(region: string, id: string): void;
  terminate(region: string, id: string, reason: { code: string; message: string }): void;
  stop(region: string, id: string, reason: { code: string; message: string }): void;
  start(region: string, id: string): void;
  reboot(region: string, id: string): void;
  /** Ends the program and nothing else: a reboot's first half. */
  pause(region: string, id: string): Promise<void>;
  /** Boots a running instance's program anew. */
  bootAgain(region: string, id: string): void;
  regionBack(region: string): void;
  /** Takes up the instances of an earlier life. */
  resume(region: string): void;
}

export function instanceLifecycle(core: SandboxCore, machinery: Machinery): InstanceLifecycle {
  const disks = new Map<string, Promise<void>>();

  function launch(region: string, id: string): void {
    fill(region, id);
    comeUp(region, id);
  }

  function fill(region: string, id: string): void {
    const row = rows(region).get(id);
    if (row === undefined) return;
    const filled = fillDisk(core, region, row).then(() => {
      change(region, id, (old) => ({ ...old, diskFilled: true }));
    });
    // Whoever starts the program hears of a failure; until then it isn't an unhandled one.
    filled.catch(() => {});
    disks.set(id, filled);
  }

  function comeUp(region: string, id: string): void {
    if (rows(region).get(id)?.keyProblem !== undefined) {
      core.region(region).clock.after(launchFailure, () => leave(region, id, terminating, clientError));
      return;
    }
    core.region(region).clock.after(core.timing.milliseconds('asg_pending_to_inservice_ec2_health'), () => {
      const up = change(region, id, (old) => (old.state === 'pending' ? { ...old, state: 'running' } : old));
      if (up?.state === 'running') bootAgain(region, id);
    });
  }

  function bootAgain(region: string, id: string): void {
    const row = change(region, id, (old) => ({ ...old, boot: old.boot + 1, status: 'initializing' }));
    if (row === undefined || row.state !== 'running') return;
    const duration = core.timing.milliseconds('asg_app_boot_user_data');
    const lead = Math.min(startLead, duration / 2);
    core.region(region).clock.after(duration - lead, () => {
      core.clock
        .absorb(lead, () => startProgram(region, id, row.boot))
        .then(
          () =>
            change(region, id, (old) =>
              isBoot(old, row.boot) && old.status === 'initializing' ? { ...old, status: 'ok' } : old,
            ),
          (error: unknown) => programEnded(region, id, row.boot, `it didn't start: ${String(error)}`),
        );
    });
  }

  async function startProgram(region: string, id: string, boot: number): Promise<void> {
    const row = rows(region).get(id);
    if (row === undefined || !isBoot(row, boot) || core.region(region).dark) return;
    await disks.get(id);
    const folder = instanceFolder(core, region, id);
    await machinery.boot(
      {
        region,
        instanceId: id,
        address: row.address,
        command: row.command,
        folder,
        userData: row.userData,
        firstStart: row.userDataAt === undefined,
        hangs: row.hangs,
        admits: (source, port) => letsInto(core, region, id, source, port),
      },
      (how) => programEnded(region, id, boot, how),
      (how) => userDataEnded(region, id, how),
    );
    // Told to go while it was coming up: nobody would end it otherwise.
    const now = rows(region).get(id);
    if (!isBoot(now, boot)) await machinery.halt(region, id, now?.state !== 'stopped' && now?.state !== 'stopping');
  }

  function userDataEnded(region: string, id: string, how: string): void {
    change(region, id, (old) => ({ ...old, userDataAt: core.region(region).clock.now() }));
    if (how !== 'exit code 0')
      core.log({
        service: 'ec2',
        region,
        text: `the user data of ${id} failed (${how}): its console output says more`,
      });
  }

  function programEnded(region: string, id: string, boot: number, how: string): void {
    const row = rows(region).get(id);
    if (!isBoot(row, boot) || core.region(region).dark) return;
    core.log({ service: 'ec2', region, text: `the program of ${id} ended: ${how}` });
    change(region, id, (old) => ({ ...old, status: 'impaired' }));
  }

  async function pause(region: string, id: string): Promise<void> {
    change(region, id, (old) => ({ ...old, boot: old.boot + 1, status: 'initializing' }));
    await machinery.halt(region, id, false);
  }

  function leave(region: string, id: string, to: Leaving, reason: { code: string; message: string }): void {
    change(region, id, (old) => ({ ...old, state: to.passing, reason, boot: old.boot + 1 }));
    settleLeaving(region, id, to);
  }

  function settleLeaving(region: string, id: string, to: Leaving): void {
    const gone = machinery.halt(region, id, to.final === 'terminated').catch((error: unknown) => {
      core.log({ service: 'ec2', region, text: `couldn't end the program of ${id}`, error });
    });
    core.region(region).clock.after(instanceShutdown, () => {
      change(region, id, (old) => (old.state === to.passing ? { ...old, state: to.final } : old));
      if (to.final === 'terminated') void gone.then(() => dispose(region, id));
    });
  }

  function dispose(region: string, id: string): void {
    const row = rows(region).get(id);
    if (row === undefined) return;
    unregisterInterface(core, region, row.interfaceId);
    core.network.release(row.address);
    disks.delete(id);
    removeFolder(instanceFolder(core, region, id)).catch((error: unknown) => {
      core.log({ service: 'ec2', region, text: `couldn't remove the disk of ${id}`, error });
    });
    core.region(region).clock.after(terminatedVisible, () => {
      rows(region).delete(id);
      ec2Tables(core, region).tags.delete(id);
    });
  }

  const rows = (region: string) => machineTables(core, region).instances;
  const change = (region: string, id: string, by: (row: InstanceRow) => InstanceRow) => rows(region).update(id, by);

  return {
    launch,
    bootAgain,
    terminate: (region, id, reason) => leave(region, id, terminating, reason),
    stop: (region, id, reason) => leave(region, id, stopping, reason),
    start(region, id) {
      change(region, id, ({ reason: _reason, ...old }) => ({
        ...old,
        state: 'pending',
        launchedAt: core.region(region).clock.now(),
      }));
      comeUp(region, id);
    },
    pause,
    reboot(region, id) {
      pause(region, id).then(
        () => bootAgain(region, id),
        (error: unknown) => core.log({ service: 'ec2', region, text: `couldn't reboot ${id}`, error }),
      );
    },
    regionBack(region) {
      for (const row of rows(region).values()) if (row.state === 'running') bootAgain(region, row.id);
    },
    resume(region) {
      for (const { id, state, diskFilled } of rows(region).values()) {
        if (diskFilled !== true && (state === 'pending' || state === 'running')) fill(region, id);
        if (state === 'pending') comeUp(region, id);
        else if (state === 'shutting-down') settleLeaving(region, id, terminating);
        else if (state === 'stopping') settleLeaving(region, id, stopping);
        else if (state === 'terminated') dispose(region, id);
        else if (state === 'running' && !core.region(region).dark) bootAgain(region, id);
      }
    },
  };
}

/** How soon an instance whose disk can't be opened is terminated, in AWS milliseconds. Not published; an engineering estimate. */
const launchFailure = 3_000;
const clientError = { code: 'Client.InternalError', message: 'Client.InternalError: Client error on launch' };

interface Leaving {
  readonly passing: 'shutting-down' | 'stopping';
  readonly final: 'terminated' | 'stopped';
}

const terminating: Leaving = { passing: 'shutting-down', final: 'terminated' };
const stopping: Leaving = { passing: 'stopping', final: 'stopped' };

const isBoot = (row: InstanceRow | undefined, boot: number): boolean => row?.boot === boot && row.state === 'running';

async function fillDisk(core: SandboxCore, region: string, row: InstanceRow): Promise<void> {
  const folder = instanceFolder(core, region, row.id);
  await (row.imageFolder === undefined ? makeFolder(folder) : copyFolder(row.imageFolder, folder));
}
