/**
 * A workload's data, found by its names in both Regions, whatever a stack knows of it: after a failback a database is another one under
 * the same identifier, and copies, images and synced parameters never belonged to a stack. What is there can be listed and deleted.
 */

import type { AccountClients } from '../../aws/account-clients.ts';
import type { Workload } from '../../workload/config.ts';
import type { Side } from '../../workload/judged.ts';
import { regionOf } from '../../workload/judged.ts';
import type { Names } from '../../workload/names.ts';
import { namesOf } from '../../workload/names.ts';
import { databasesIn, snapshotsIn } from './data-databases.ts';
import { imagesIn, keysIn, parametersIn, secretsIn, tableIn } from './data-others.ts';
import { bucketsIn } from './empty-bucket.ts';

export type DataKind =
  | 'database'
  | 'database snapshot'
  | 'bucket'
  | 'state table'
  | 'secret'
  | 'key'
  | 'image'
  | 'parameters';

export interface DataItem {
  readonly kind: DataKind;
  readonly region: string;
  readonly id: string;
  /** What it is billed by. */
  readonly cost: string;
  /** Deletes it for good; settles when it is gone. */
  remove(): Promise<void>;
}

export interface DataPlace {
  readonly workload: Workload;
  readonly names: Names;
  readonly side: Side;
  readonly region: string;
  readonly clients: AccountClients;
  /** For what spans Regions. */
  readonly elsewhere: (region: string) => AccountClients;
}

export async function dataOf(workload: Workload, clients: (region: string) => AccountClients): Promise<DataItem[]> {
  const names = namesOf(workload);
  const found = await Promise.all(
    (['recovery', 'primary'] as const).flatMap((side) => {
      const region = regionOf(workload, side);
      const place: DataPlace = { workload, names, side, region, clients: clients(region), elsewhere: clients };
      return [databasesIn, snapshotsIn, bucketsIn, tableIn, secretsIn, keysIn, imagesIn, parametersIn].map((look) =>
        look(place),
      );
    }),
  );
  return found.flat();
}

/** What has to be deleted before a stack with such a resource can go, or would be left behind by it. */
export const kindsOfType: Readonly<Record<string, readonly DataKind[]>> = {
  'AWS::RDS::DBInstance': ['database'],
  'AWS::S3::Bucket': ['bucket'],
  'AWS::DynamoDB::Table': ['state table'],
  'AWS::DynamoDB::GlobalTable': ['state table'],
  'AWS::SecretsManager::Secret': ['secret'],
};
