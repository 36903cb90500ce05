/** The one Lambda bundle: its exports are the handlers named in `contract.ts`. */

export { approve } from './approve.ts';
export { fence } from './fence.ts';
export { guard } from './guard.ts';
export { images } from './images.ts';
export { install } from './install.ts';
export { parameters } from './parameters.ts';
export { sql } from './sql.ts';
export { step } from './step.ts';
export { tell } from './tell.ts';
export { watch } from './watch.ts';
