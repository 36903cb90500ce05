/** RDS's refusals, with its codes and words. */

import { AwsError } from '../../contract.ts';

export const instanceNotFound = (id: string): AwsError =>
  new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, { status: 404 });

export const snapshotNotFound = (id: string): AwsError =>
  new AwsError('DBSnapshotNotFound', `DBSnapshot ${id} not found.`, { status: 404 });

export const subnetGroupNotFound = (name: string): AwsError =>
  new AwsError('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`, { status: 404 });

export const parameterGroupNotFound = (name: string): AwsError =>
  new AwsError('DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`, { status: 404 });

export const invalidState = (message: string): AwsError => new AwsError('InvalidDBInstanceState', message);

export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

export const invalidCombination = (message: string): AwsError => new AwsError('InvalidParameterCombination', message);
