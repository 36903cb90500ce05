/** Fields that kinds of expectations share. */

import { z } from 'zod';
import { planNames } from '../../plan/graph.ts';
import { moments } from '../events.ts';

const awsSeconds = z.number().min(1).max(172_800);
export const plan = z.enum(planNames);
export const side = z.enum(['primary', 'recovery']);

/** A deadline: AWS seconds, counted from a moment. */
export const deadline = { within: awsSeconds, of: z.enum(moments).default('outage') };

/** A stretch: from a moment on, for so long or to the end. */
export const stretch = { from: z.enum(moments).default('outage'), for: awsSeconds.optional() };
