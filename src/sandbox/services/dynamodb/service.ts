/** DynamoDB of the sandbox: a copy of each table per Region, expressions in full, global tables with eventual consistency. */

import type { SandboxCore, Service } from '../../contract.ts';
import { batches } from './operations/batches.ts';
import { items } from './operations/items.ts';
import { selections } from './operations/selections.ts';
import { settings } from './operations/settings.ts';
import { tables } from './operations/tables.ts';
import { transactions } from './operations/transactions.ts';
import { GlobalTables } from './replication.ts';
import { Store } from './store.ts';

export function createDynamoDbService(core: SandboxCore): Service {
  const store = new Store(core);
  const globalTables = new GlobalTables(core, store);
  return {
    name: 'dynamodb',
    operations: {
      ...tables(store, globalTables),
      ...settings(store),
      ...items(store),
      ...selections(store),
      ...batches(store),
      ...transactions(store),
    },
    resourcePolicy: (arn) => {
      const [, , , region = '', , resource = ''] = arn.split(':');
      return store.tables(region).get(resource.split('/')[1] ?? '')?.policy;
    },
  };
}
