/** What a sandbox is and holds right now, read from its tables: no service is asked, so darkness and held time don't matter. */

import { isoTime } from '../../kernel/clock.ts';
import { stackTables } from '../cloudformation/stack.ts';
import type { SandboxCore } from '../contract.ts';
import { machineTables } from '../services/ec2/machine-rows.ts';
import { ec2Tables } from '../services/ec2/rows.ts';
import { lambdaTables } from '../services/lambda/rows.ts';
import { rdsTables } from '../services/rds/rows.ts';
import type { PaceMeter } from './pace-meter.ts';
import type { ClockAnswer, RegionStatus } from './protocol.ts';

export function clockAnswer({ clock }: Pick<SandboxCore, 'clock'>, meter: PaceMeter): ClockAnswer {
  return {
    awsTime: isoTime(clock.now()),
    ceiling: clock.ceiling === Number.POSITIVE_INFINITY ? 'max' : clock.ceiling,
    actual: meter.actual(),
  };
}

export function regionStatus(core: SandboxCore, region: string): RegionStatus {
  return {
    region,
    state: core.region(region).dark ? 'dark' : 'lit',
    stacks: byName(
      stackTables(core, region)
        .stacks.values()
        .filter(({ status }) => status !== 'DELETE_COMPLETE')
        .map(({ name, status }) => ({ name, state: status })),
    ),
    databases: byName(
      rdsTables(core, region)
        .instances.values()
        .map(({ id, status, source, replication, address, port }) => ({
          name: id,
          state: status,
          role: source === undefined ? ('primary' as const) : ('replica' as const),
          ...(replication === undefined ? {} : { replication: replication.status }),
          address: `${address}:${port}`,
        })),
    ),
    instances: machineTables(core, region)
      .instances.values()
      .filter(({ state }) => state !== 'terminated')
      .map(({ id, state, imageId, instanceType: type }) => {
        const group = ec2Tables(core, region).tags.get(id)?.['aws:autoscaling:groupName'];
        return { name: id, state, image: imageId, type, ...(group === undefined ? {} : { group }) };
      }),
    functions: byName(
      lambdaTables(core, region)
        .functions.values()
        .map(({ name, state, updateStatus }) => ({
          name,
          state: updateStatus === 'InProgress' ? 'Updating' : state,
        })),
    ),
  };
}

const byName = <T extends { readonly name: string }>(parts: T[]): T[] =>
  parts.sort((one, other) => one.name.localeCompare(other.name));
