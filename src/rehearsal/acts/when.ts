/** When an act or a fault comes: AWS seconds after a moment. */

import { z } from 'zod';
import { moments } from '../events.ts';

export const when = {
  after: z.enum(moments).default('outage'),
  at: z.number().min(0).max(172_800).default(0),
};
