/** The brake: while it is on, no run is given the lock, whoever starts it. A run that has the lock goes on. */

import { writeAuthority } from './authority.ts';
import type { ItemStore } from './items.ts';

export const putBrakeOn = (store: ItemStore, why: string): Promise<boolean> =>
  writeAuthority(store, { UpdateExpression: 'SET brake = :why', ExpressionAttributeValues: { ':why': { S: why } } });

/** Answers whether it was on. */
export const takeBrakeOff = (store: ItemStore): Promise<boolean> =>
  writeAuthority(store, { UpdateExpression: 'REMOVE brake', ConditionExpression: 'attribute_exists(brake)' });
