/** Steps that move and verify traffic. */

import { balancerName } from '../engines/traffic/balancer.ts';
import { notYet } from '../kernel/errors.ts';
import type { Side } from '../workload/judged.ts';
import { frontGroup, publicName, schemeOf } from '../workload/judged.ts';
import type { Step, StepContext } from './step.ts';

/** Said at once; upkeep goes on saying what the authority says. Customers follow in seconds to minutes, while the database promotes. */
export const flipLatchTo = (side: Side): Step => ({
  act: ({ latch, clock }) => latch.publish(side, clock.now()),
});

/** Customers reach this side, and the service there would take a write of theirs. */
export const verifyService = (side: Side): Step => ({
  async act(context) {
    const { workload, clock, latch, sight } = context;
    const astray = await latch.astray(side);
    if (astray !== undefined) throw notYet(astray);
    const door = publicName(workload)?.name ?? (await ownName(context, side));
    const url = `${schemeOf(workload)}://${door}${frontGroup(workload).readyPath}`;
    const { status, seen } = await sight.get(url, 5000, workload.traffic.name);
    if (status !== 200) throw notYet(`The service isn't ready to write: ${seen}.`);
    await serveOne(context, `${schemeOf(workload)}://${door}`);
    // The first time counts, for whoever takes the run over too.
    if ((await context.recall('serving')) === undefined) await context.remember('serving', { side, at: clock.now() });
  },
});

/** A customer of the run's own: writes once, and reads that back. What the ready path promises is seen to be kept. */
async function serveOne(context: StepContext, root: string): Promise<void> {
  const { clock, ids, recall, remember, run, sight, workload } = context;
  const { verification, traffic } = workload;
  if (verification === undefined) return;
  const { read, write } = verification;
  const id = `pilot-light-e${run.epoch}`;
  const named = (text: string) => text.replaceAll('{id}', id);
  const patience = { timeoutMilliseconds: 8000, ...(traffic.name === undefined ? {} : { certifiedFor: traffic.name }) };
  if ((await recall('written')) === undefined) {
    const body =
      'text' in write.body
        ? Buffer.from(named(write.body.text))
        : Buffer.concat([
            Buffer.from(write.body.after ?? '', 'base64'),
            Buffer.from(ids.hex(2 * write.body.random), 'hex'),
          ]);
    const { method, contentType } = write;
    const { status, seen } = await sight.visit(`${root}${named(write.path)}`, {
      ...patience,
      method,
      contentType,
      body,
    });
    if (status !== write.acknowledgedBy)
      throw notYet(`A customer's write isn't acknowledged by ${write.acknowledgedBy} yet: ${seen}.`);
    await remember('written', { id, at: clock.now() });
  }
  if (read === undefined) return;
  const { status, seen, text } = await sight.visit(`${root}${named(read.path)}`, patience);
  if (status !== 200) throw notYet(`A customer's write was acknowledged and isn't read back yet: ${seen}.`);
  if (read.contains !== undefined && !text.includes(named(read.contains)))
    throw notYet(`A customer's write was acknowledged, and what is read back doesn't hold ${named(read.contains)}.`);
}

/** Without a public name the load balancer is asked by its own. */
async function ownName({ on, names }: StepContext, side: Side): Promise<string> {
  const balancer = await balancerName(on(side).clients, names.loadBalancer);
  if (balancer === undefined) throw notYet(`There is no load balancer in the ${side} Region.`);
  return balancer;
}
