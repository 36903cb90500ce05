/** A service's schemas. AWS time stands still while they are read for the first time: tasks must not time out over it. */

import type { SandboxCore, ServiceName } from '../../../contract.ts';
import { type Api, apiOf } from '../../../protocols/api.ts';

export const shapesOf = (core: SandboxCore, service: ServiceName): Promise<Api> =>
  core.clock.hold(() => apiOf(service));
