/** DynamoDB of the sandbox: a copy of each table per Region, expressions in full, global tables with either consistency. */

import type { SandboxCore, Service } from '../../contract.ts';
import { Consistency } from './consistency.ts';
import { batches } from './operations/batches.ts';
import { items } from './operations/items.ts';
import { selections } from './operations/selections.ts';
import { settings } from './operations/settings.ts';
import { resumeDeletions, tables } from './operations/tables.ts';
import { transactions } from './operations/transactions.ts';
import { GlobalTables } from './replication.ts';
import { Store } from './store.ts';
import { StrongTables } from './strong-tables.ts';

export function createDynamoDbService(core: SandboxCore): Service {
  const store = new Store(core);
  const strong = new StrongTables(core, store);
  const consistency = new Consistency(store, strong);
  const globalTables = new GlobalTables(core, store, strong);
  return {
    name: 'dynamodb',
    operations: {
      ...tables(store, globalTables, strong),
      ...settings(store),
      ...items(store, consistency),
      ...selections(store, consistency),
      ...batches(store, consistency),
      ...transactions(store),
    },
    resourcePolicy: (arn) => {
      const [, , , region = '', , resource = ''] = arn.split(':');
      return store.tables(region).get(resource.split('/')[1] ?? '')?.policy;
    },
    resume() {
      globalTables.resume();
      resumeDeletions(store);
    },
  };
}
