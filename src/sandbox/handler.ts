/** What stands in front of an operation: the dispatcher's list is made of these. */

import type { Call, InternalRequest } from './contract.ts';

/** Looks at a call on its way in: lets it pass, holds it up for as long as the promise takes, or refuses it by throwing. */
export type Handler = (request: InternalRequest, call: Call) => Promise<void> | undefined;
