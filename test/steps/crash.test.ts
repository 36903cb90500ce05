import { expect, test } from 'vitest';
import { readAuthority } from '../../src/state/authority.ts';
import { readDebt } from '../../src/state/debts.ts';
import { failoverWorld } from '../support/failover/world.ts';
import { onLaptops, deployMachine, execute } from '../support/failover/play.ts';

for (const dark of [true, false]) for (const way of ['laptop','machine']) test(`world ${dark} ${way}`, async () => {
  const t0 = performance.now();
  const world = await failoverWorld();
  if (dark) await world.goDark('primary');
  console.log('built', performance.now() - t0, world.clock.now());
  const t1 = performance.now(); const v1 = world.clock.now();
  const out = way === 'laptop' ? await world.during(onLaptops(world, 'failover')) : await world.during(deployMachine(world, 'failover').then((arn) => execute(world, arn, 'one')));
  console.log('played', performance.now() - t1, (world.clock.now() - v1)/1000, out, world.processes.points.length);
  console.log(await world.during(readAuthority(world.base.store)), await world.during(readDebt(world.base.store, 'primary')));
  if (!dark) { const by = new Map(); for (const p of world.processes.points) by.set(p.step + ' ' + p.asking, (by.get(p.step + ' ' + p.asking) ?? 0) + 1); console.log([...by].map(([k,v])=>`${k}:${v}`).join(' ')); console.log(world.processes.points.map(p=>p.name).filter(n=>/Fence|Latch|StartReco/.test(n)).join('\n')); }
  console.log(world.database('recovery')?.changes.map(c=>JSON.stringify(c.effect)), world.writable('recovery'), world.writable('primary'), await world.led());
  await world.close();
});
