/** What the rehearsal's own hand may do, as a scenario lists it. Everything else is the deployed product's. */

import { z } from 'zod';
import { catalogue } from '../../plan/catalogue.ts';
import { plan, side } from '../expectations/fields.ts';
import { orders } from '../production.ts';
import { when } from './when.ts';

/** The doors a plan is started by: a name and no input, the workload's own event bus, or both doors' hands at once. */
const doors = ['start-execution', 'event', 'twice-at-once'] as const;

const dark = z.strictObject({ ...when, dark: side });
const back = z.strictObject({ ...when, back: side });
const start = z.strictObject({ ...when, start: plan, by: z.enum(doors).default('start-execution') });
/** Words it has to be refused with. */
const refused = z.string().min(3).optional();
/** In this process, as `pilot-light failover --break-glass` does, taking over a run that goes on elsewhere if so said; or refused, with these words. */
const breakGlass = z.strictObject({
  ...when,
  'break-glass': plan,
  'take-over': z.boolean().default(false),
  refused,
});
/** Of a step, by its name in the plan; of the workload's own, `Custom-` and its name. */
const steps = Object.keys(catalogue);
const step = z.string().refine((name) => name.startsWith('Custom-') || steps.includes(name), {
  error: `no plan has such a step; there are ${steps.join(', ')}, and Custom-NAME`,
});
const ofSteps: readonly string[] = ['retry', 'skip'];
const withReason: readonly string[] = ['pause', 'skip', 'abort', 'unplanned'];
/** Of a run, as `pilot-light run …` does: of the one under way, or of the latest of a plan. */
const order = z
  .strictObject({
    ...when,
    order: z.enum(orders),
    plan: plan.optional(),
    step: step.optional(),
    reason: z.string().min(3).optional(),
    refused,
  })
  .superRefine((given, context) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message });
    if (ofSteps.includes(given.order) !== (given.step !== undefined))
      complain(`${given.order} takes ${given.step === undefined ? 'a step' : 'no step: it is about the whole run'}`);
    if (withReason.includes(given.order) && given.reason === undefined) complain(`${given.order} takes a reason`);
  });
/** As `pilot-light approve` does: the latest of the requests people were sent, or the first one, long after. */
const approve = z
  .strictObject({
    ...when,
    approve: z.enum(['yes', 'no']),
    request: z.enum(['latest', 'first']).default('latest'),
    reason: z.string().min(3).optional(),
    refused,
  })
  .refine((given) => given.approve === 'yes' || given.reason !== undefined, { error: 'to decline takes a reason' });
/** Every instance of the application tier is terminated, at its owner's hand. */
const terminate = z.strictObject({ ...when, terminate: side });
/** Somebody's own snapshot of the side's database: while it is taken, the database is backing up. */
const snapshot = z.strictObject({ ...when, snapshot: side });
/** The pointers to what a side launches its groups from are deleted. */
const loseImages = z.strictObject({ ...when, 'lose-images': side });
/** And are put back. */
const giveImages = z.strictObject({ ...when, 'give-images': side });

const kinds = {
  dark,
  back,
  start,
  'break-glass': breakGlass,
  order,
  approve,
  terminate,
  snapshot,
  'lose-images': loseImages,
  'give-images': giveImages,
} as const;

export type Act = z.output<(typeof kinds)[keyof typeof kinds]>;
export type Door = (typeof doors)[number];

export const act = z.record(z.string(), z.unknown()).transform((given, context): Act => {
  const key = Object.keys(kinds).find((kind): kind is keyof typeof kinds => kind in given);
  if (key === undefined) {
    context.addIssue({
      code: 'custom',
      message: `No act is of this kind. There are: ${Object.keys(kinds).join(', ')}`,
    });
    return z.NEVER;
  }
  const parsed = kinds[key].safeParse(given);
  if (parsed.success) return parsed.data;
  for (const { message, path } of parsed.error.issues)
    context.addIssue({ code: 'custom', message: `${key}: ${message}`, path: [...path] });
  return z.NEVER;
});

export function wordsOf(one: Act): string {
  if ('dark' in one) return `every process in the ${one.dark} Region is killed; everything addressed to it hangs`;
  if ('back' in one) return `the ${one.back} Region comes back`;
  if ('break-glass' in one) return `the ${one['break-glass']} runs in this process, without a state machine`;
  if ('order' in one) return ordered(one);
  if ('approve' in one)
    return `somebody ${one.approve === 'yes' ? 'approves' : 'declines'} the ${one.request} of the requests they were sent`;
  if ('snapshot' in one) return `the database of the ${one.snapshot} Region is backed up by hand`;
  if ('lose-images' in one) return `the image pointers of the ${one['lose-images']} Region are deleted`;
  if ('give-images' in one) return `the image pointers of the ${one['give-images']} Region are put back`;
  if ('terminate' in one) return `every instance of the ${one.terminate} Region is terminated`;
  return {
    'start-execution': `the ${one.start} is started, with a name and no input`,
    event: `the ${one.start} is started by an event on the workload's bus`,
    'twice-at-once': `the ${one.start} is started twice at once`,
  }[one.by];
}

function ordered({ order: name, plan: of, step: about }: z.output<typeof order>): string {
  const which = of === undefined ? 'the run under way' : `the ${of}`;
  return {
    pause: `${which} is told to wait`,
    resume: `${which} is told to go on`,
    retry: `${which} is told to try ${about} again`,
    skip: `${which} is told to leave out ${about}`,
    abort: `${which} is told to end`,
    unplanned: `${which} is told to wait for the primary Region no more`,
  }[name];
}
