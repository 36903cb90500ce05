/** A change on its way from the control plane to the name servers: PENDING, and in its time INSYNC, when what it says is served. */

import type { SandboxCore } from '../../contract.ts';
import { recordKey } from './changes.ts';
import { type ChangeRow, controlClock, type PendingRecords, route53Tables } from './rows.ts';

export interface Propagation {
  submit(comment: string | undefined, pending?: PendingRecords): ChangeRow;
  /** Begins the changes of an earlier life anew. */
  resume(): void;
}

/** `served` is called after what the name servers answer has changed. */
export function propagation(core: SandboxCore, served: () => void): Propagation {
  const tables = route53Tables(core);

  const arm = (id: string): void => {
    controlClock(core).after(core.timing.milliseconds('route53_record_change_insync'), () => {
      const { pending } = tables.changes.get(id) ?? {};
      if (pending !== undefined && tables.zones.has(pending.zone)) {
        const answers = tables.served(pending.zone);
        for (const { remove, record } of pending.changes) {
          if (remove) answers.delete(recordKey(record));
          else answers.put(recordKey(record), record);
        }
        served();
      }
      tables.changes.update(id, ({ pending: _done, ...row }) => ({ ...row, insync: true }));
    });
  };

  return {
    submit(comment, pending) {
      const id = `C${core.ids.hex(20).toUpperCase()}`;
      const row = { id, submitted: core.clock.now(), insync: false, comment };
      const change = tables.changes.put(id, pending === undefined ? row : { ...row, pending });
      arm(id);
      return change;
    },
    resume() {
      for (const { id, insync } of tables.changes.values()) if (!insync) arm(id);
    },
  };
}
