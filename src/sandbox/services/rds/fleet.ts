/**
 * The live side of the rows: each instance's database, the door customers come in by, and the links its replicas receive through.
 *
 * 1. `up` in the row is what should be; a server found dead is started again, after an outage as after a crash.
 * 2. The door stands open only while customers may connect; its address and name are the instance's own.
 */

import { messageOf } from '../../../kernel/errors.ts';
import type { Endpoint, Exposure, SandboxCore } from '../../contract.ts';
import type { Database, Databases, Variables } from '../../databases/database.ts';
import type { Admission } from './context.ts';
import { restartDelay } from './durations.ts';
import { effectiveVariables } from './effective-parameters.ts';
import { endpointName } from './endpoint-name.ts';
import { tell } from './events.ts';
import { change, instanceAt } from './lookups.ts';
import { parameterGroup } from './parameter-groups.ts';
import { type InstanceRef, type InstanceRow, rdsTables } from './rows.ts';

/** Seconds; RDS's own. */
const nameTtl = 5;
const mysqlPort = 3306;
/** What was received and not yet applied stays, and no event of the owner's writes. */
const standingStill: Variables = { skip_slave_start: 'ON', relay_log_recovery: 'OFF', event_scheduler: 'OFF' };

export class Fleet {
  readonly #core: SandboxCore;
  readonly #databases: Databases;
  readonly #admits: Admission;
  readonly #open = new Map<string, Database>();
  readonly #doors = new Map<string, Exposure>();
  readonly #links = new Map<string, Exposure>();

  constructor(core: SandboxCore, databases: Databases, admits: Admission) {
    this.#core = core;
    this.#databases = databases;
    this.#admits = admits;
  }

  database({ region, resourceId, serverId }: InstanceRef & Pick<InstanceRow, 'serverId'>): Database {
    const known = this.#open.get(resourceId);
    if (known !== undefined) return known;
    const ref = { region, resourceId };
    const opened = this.#databases.open({ region, id: resourceId, serverId, onExit: () => this.#ended(ref) });
    this.#open.set(resourceId, opened);
    return opened;
  }

  /** Starts the server under its parameter group as it is now, which settles what was waiting for a reboot. */
  async start(ref: InstanceRef): Promise<Database> {
    const row = this.#row(ref);
    const database = this.database(row);
    if (!database.running) {
      if (this.#isDead(row)) throw new Error('the fault dead-database stands');
      await database.start(this.variables(row));
      change(this.#core, ref, (now) => ({
        ...now,
        parameterGroup: { ...now.parameterGroup, status: 'in-sync', rebootNeeded: false },
      }));
    }
    change(this.#core, ref, (now) => ({ ...now, up: true }));
    return database;
  }

  /** Ends the servers that a fault holds dead, at once; those it lets go are started again. */
  async settleDead(region: string): Promise<void> {
    const up = rdsTables(this.#core, region)
      .instances.values()
      .filter((row) => row.up);
    const dying = up.filter((row) => this.#isDead(row) && this.database(row).running);
    await this.#core.clock.hold(() => Promise.all(dying.map((row) => this.database(row).kill())));
    await this.recover(region);
  }

  #isDead({ follows, region }: InstanceRow): boolean {
    return !follows && this.#core.faults.standing('dead-database').some((fault) => fault.region === region);
  }

  async stop(ref: InstanceRef): Promise<void> {
    change(this.#core, ref, (now) => ({ ...now, up: false }));
    await this.database(this.#row(ref)).stop();
  }

  variables(row: InstanceRow, only?: readonly string[]): Variables {
    return effectiveVariables(parameterGroup(this.#core, row.region, row.parameterGroup.name), row, only);
  }

  /** Lets customers in; the name answers from now on. */
  async openDoor(ref: InstanceRef): Promise<void> {
    const row = this.#row(ref);
    this.publishName(row);
    if (!this.#doors.has(row.resourceId)) {
      const door = await this.#core.network.expose({
        place: row.region,
        address: row.address,
        port: row.port,
        to: this.database(row).endpoint,
        admit: (source) => {
          const now = instanceAt(this.#core, ref);
          return now !== undefined && this.#admits(now, source);
        },
      });
      this.#doors.set(row.resourceId, door);
    }
    change(this.#core, ref, (now) => ({ ...now, open: true }));
  }

  /** Ends customers' connections, and refuses new ones. */
  async closeDoor(ref: InstanceRef): Promise<void> {
    change(this.#core, ref, (now) => ({ ...now, open: false }));
    const door = this.#doors.get(ref.resourceId);
    this.#doors.delete(ref.resourceId);
    door?.dropConnections();
    await door?.close();
  }

  publishName(row: InstanceRow): void {
    this.#core.network.name(endpointName(this.#core.account, row), ({ type }) => {
      // The address changes with a failover.
      const { nameFrom = 0, address } = instanceAt(this.#core, row) ?? row;
      if (this.#core.clock.now() < nameFrom) return undefined;
      return { ttl: nameTtl, values: type === 'A' ? [address] : [] };
    });
  }

  withdrawName(row: InstanceRow): void {
    this.#core.network.unname(endpointName(this.#core.account, row));
  }

  /** An address of the source that only one replica uses, so that the link's delay and silence are those of their two Regions. */
  async link(source: InstanceRow, replica: InstanceRef): Promise<Endpoint> {
    const known = this.#links.get(replica.resourceId);
    if (known !== undefined) return { host: known.address, port: known.boundPort };
    // The replica's server remembers where it receives from: the address stays with it.
    const address = instanceAt(this.#core, replica)?.link ?? this.#core.network.allocate(source.region);
    change(this.#core, replica, (now) => ({ ...now, link: address }));
    const link = await this.#core.network.expose({
      place: source.region,
      address,
      port: mysqlPort,
      to: this.database(source).endpoint,
      from: replica.region,
    });
    this.#links.set(replica.resourceId, link);
    return { host: link.address, port: link.boundPort };
  }

  async unlink(replica: InstanceRef): Promise<void> {
    const link = this.#links.get(replica.resourceId);
    this.#links.delete(replica.resourceId);
    link?.dropConnections();
    await link?.close();
    if (link !== undefined) this.#core.network.release(link.address);
    change(this.#core, replica, ({ link: _gone, ...now }) => now);
  }

  /** The way to an instance of an earlier life: its name, its door as the row says, and the link it receives through. */
  async connectAgain(row: InstanceRow): Promise<void> {
    const source = row.follows && row.source !== undefined ? instanceAt(this.#core, row.source) : undefined;
    if (source !== undefined && row.link !== undefined) await this.link(source, row);
    if (row.open) await this.openDoor(row);
    else if (row.createdAt !== undefined && row.busy === undefined) this.publishName(row);
  }

  async destroy(row: InstanceRow): Promise<void> {
    await this.closeDoor(row);
    await this.unlink(row);
    this.withdrawName(row);
    await this.database(row).destroy();
    this.#core.network.release(row.address);
    this.#open.delete(row.resourceId);
  }

  /** Starts what should run so that it can be looked at, as it was found: nothing is received, applied or scheduled. */
  async exhibit(region: string): Promise<void> {
    const up = rdsTables(this.#core, region)
      .instances.values()
      .filter((row) => row.up);
    await Promise.all(
      up.map(async (row) => {
        try {
          await this.database(row).start({ ...this.variables(row), ...standingStill });
        } catch (error) {
          this.#toldOf(row, error);
        }
      }),
    );
  }

  /** Starts what should run and doesn't, after the Region came back. */
  async recover(region: string): Promise<void> {
    const down = rdsTables(this.#core, region)
      .instances.values()
      .filter((row) => row.up && !this.database(row).running);
    await this.#core.clock.hold(() => Promise.all(down.map((row) => this.revive(row))));
  }

  /** Starts a server that should run; one that can't is told of in the log, and tried again at the next round. */
  async revive(ref: InstanceRef): Promise<void> {
    try {
      await this.start(ref);
      const row = instanceAt(this.#core, ref);
      if (row !== undefined) tell(this.#core, row, 'restarted');
    } catch (error) {
      this.#toldOf(ref, error);
    }
  }

  #toldOf(ref: InstanceRef, error: unknown): void {
    this.#core.log({
      service: 'rds',
      region: ref.region,
      text: `${instanceAt(this.#core, ref)?.id ?? ref.resourceId} didn't start: ${messageOf(error)}`,
      error,
    });
  }

  async close(): Promise<void> {
    const exposures = [...this.#doors.values(), ...this.#links.values()];
    this.#doors.clear();
    this.#links.clear();
    await Promise.all(exposures.map((exposure) => exposure.close()));
  }

  /** The Region's clock holds this back while the Region is dark. */
  #ended(ref: InstanceRef): void {
    this.#core.region(ref.region).clock.after(restartDelay, () => {
      if (instanceAt(this.#core, ref)?.up === true) void this.revive(ref);
    });
  }

  #row(ref: InstanceRef): InstanceRow {
    const row = instanceAt(this.#core, ref);
    if (row === undefined) throw new Error(`The database ${ref.resourceId} is gone.`);
    return row;
  }
}
