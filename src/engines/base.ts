/** What everything that moves a workload works with: its names, time, state, and the engines of both sides over one client factory. */

import type { Clients } from '../aws/clients.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { ItemStore } from '../state/items.ts';
import { itemStore } from '../state/items.ts';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import type { Names } from '../workload/names.ts';
import { namesOf } from '../workload/names.ts';
import type { Group } from './compute/group.ts';
import { groupOf } from './compute/group.ts';
import type { ParameterGroup } from './database/parameter-group.ts';
import { parameterGroupOf } from './database/parameter-group.ts';
import type { Rds } from './database/rds.ts';
import { rdsOf } from './database/rds.ts';
import type { Secrets } from './database/secrets.ts';
import { secretsOf } from './database/secrets.ts';
import type { Sql } from './database/sql.ts';
import { sqlThrough } from './database/sql.ts';
import type { Rules, Sources } from './functions/sources.ts';
import { rulesOf, sourcesOf } from './functions/sources.ts';
import type { Ingress } from './network/ingress.ts';
import { ingressOf } from './network/ingress.ts';
import type { Parameters } from './parameters/parameters.ts';
import { parametersOf } from './parameters/parameters.ts';
import type { Latch } from './traffic/latch.ts';
import { latchOf } from './traffic/latch.ts';
import type { Sight } from './traffic/probe.ts';
import { customersSight } from './traffic/probe.ts';

export interface Surroundings {
  readonly workload: Workload;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly clientsFor: (region: string) => Clients;
  /** Another way to the recovery Region's database than through its function, for when Lambda can't be used. */
  readonly recoverySql?: (clients: Clients) => Sql;
  /** How the service is seen from outside; over HTTP and DNS unless said. */
  readonly sight?: Sight;
}

/** The engines of one side. */
export interface Engines {
  readonly clients: Clients;
  readonly rds: Rds;
  readonly sql: Sql;
  readonly databaseGroup: ParameterGroup;
  readonly secrets: Secrets;
  /** A group of the application tier, by its name in the config. */
  readonly group: (name: string) => Group;
  readonly sources: Sources;
  readonly rules: Rules;
  readonly parameters: Parameters;
  readonly ingress: Ingress;
}

export interface Base {
  readonly workload: Workload;
  readonly names: Names;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: ItemStore;
  readonly latch: Latch;
  readonly sight: Sight;
  readonly on: (side: Side) => Engines;
  /** Of any Region: a third one may hold what the workload is told by. */
  readonly clientsIn: (region: string) => Clients;
}

export function baseContext(surroundings: Surroundings): Base {
  const { workload, clock, ids, clientsFor, recoverySql, sight = customersSight } = surroundings;
  const names = namesOf(workload);
  const clientsIn = onceFor(clientsFor);
  const on = onceFor((side: Side) => {
    const clients = clientsIn(regionOf(workload, side));
    const engines = enginesOf(clients, workload);
    return side === 'recovery' && recoverySql !== undefined ? { ...engines, sql: recoverySql(clients) } : engines;
  });
  // The authority lives in the recovery Region: all control runs there.
  const { clients } = on('recovery');
  return {
    workload,
    names,
    clock,
    ids,
    on,
    clientsIn,
    store: itemStore(clients, names.table, names.prefix, clock),
    latch: latchOf(workload, clientsIn, sight),
    sight,
  };
}

/** Makes what is asked for once, and remembers it. */
function onceFor<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}

function enginesOf(clients: Clients, workload: Workload): Engines {
  const names = namesOf(workload);
  return {
    clients,
    rds: rdsOf(clients),
    sql: sqlThrough(clients, names.controlFunction('sql')),
    databaseGroup: parameterGroupOf(clients, names.databaseGroup),
    secrets: secretsOf(clients),
    group: (name) => groupOf(clients, names.group(name)),
    sources: sourcesOf(clients),
    rules: rulesOf(clients),
    parameters: parametersOf(clients),
    ingress: ingressOf(clients, names.securityGroups.balancer),
  };
}
