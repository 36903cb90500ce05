/** A change on its way from the control plane to the edge: IN_PROGRESS, and in its time DEPLOYED, when the edge goes by it. */

import type { SandboxCore } from '../../contract.ts';
import { acceleratorTables, controlClock, type ServedRow } from './rows.ts';

export interface Deployment {
  /** Something of the accelerator changed. */
  changed(arn: string): void;
  /** Begins the deployments of an earlier life anew. */
  resume(): void;
}

/** `deployed` is called after what the edge goes by has changed. */
export function deployment(core: SandboxCore, deployed: (arn: string) => void): Deployment {
  const { accelerators, served } = acceleratorTables(core);

  const arm = (arn: string): void => {
    const version = accelerators.get(arn)?.version;
    controlClock(core).after(core.timing.milliseconds('global_accelerator_deploy'), () => {
      const row = accelerators.get(arn);
      if (row === undefined || row.version !== version) return;
      accelerators.put(arn, { ...row, deployed: true });
      served.put(arn, snapshot(core, arn, row.enabled));
      deployed(arn);
    });
  };

  return {
    changed(arn) {
      const changedAt = controlClock(core).now();
      accelerators.update(arn, (row) => ({ ...row, deployed: false, version: row.version + 1, changedAt }));
      arm(arn);
    },
    resume() {
      for (const { arn, deployed: done } of accelerators.values()) if (!done) arm(arn);
    },
  };
}

function snapshot(core: SandboxCore, arn: string, enabled: boolean): ServedRow {
  const { listeners, groups } = acceleratorTables(core);
  return {
    enabled,
    listeners: listeners
      .values()
      .filter(({ accelerator }) => accelerator === arn)
      .map((listener) => ({
        ...listener,
        groups: groups.values().filter((group) => group.listener === listener.arn),
      })),
  };
}
