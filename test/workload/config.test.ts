import { describe, expect, test } from 'vitest';
import { PilotLightError } from '../../src/kernel/errors.ts';
import { parseWorkload, workloadJsonSchema } from '../../src/workload/config.ts';
import { namesOf } from '../../src/workload/names.ts';

const smallest = {
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { image: 'ami-0123456789abcdef0' },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
};

test('a few lines are a whole config', () => {
  const workload = parseWorkload(smallest);
  expect(workload.environment).toBe('dev');
  expect(workload.policy).toBe('approve');
  expect(workload.database.backupRetention).toBeGreaterThan(0);
});

test('the machines are named as the seed names them', () => {
  const names = namesOf(parseWorkload(smallest));
  expect([names.failoverMachine, names.failbackMachine]).toEqual(['dev-dr-failover', 'dev-dr-failback']);
});

describe('refuses, with the path of what is wrong:', () => {
  const refused = (change: object): PilotLightError => {
    try {
      parseWorkload({ ...smallest, ...change });
    } catch (error) {
      if (error instanceof PilotLightError) return error;
      throw error;
    }
    throw new Error('it was accepted');
  };

  test.each([
    ['the same Region twice', { recovery: { region: 'us-east-1' } }, 'recovery.region'],
    ['an unknown Region', { primary: { region: 'us-moon-1' } }, 'primary.region'],
    ['a name too long for a load balancer', { name: 'a-name-that-is-much-too-long' }, 'name'],
    [
      'a public name outside its zone',
      { traffic: { zone: 'photos.example', name: 'www.other.example' } },
      'traffic.name',
    ],
    [
      'a capacity that contradicts itself',
      { compute: { image: 'ami-0123456789abcdef0', capacity: { min: 3, desired: 2, max: 4 } } },
      'compute.capacity',
    ],
    ['a field that does not exist', { databse: {} }, 'databse'],
    ['no backups', { database: { backupRetention: 0 } }, 'database.backupRetention'],
  ])('%s', (_, change, path) => {
    const error = refused(change);
    expect(error.kind).toBe('usage');
    expect(error.message).toContain(path);
  });
});

test('editors get a JSON Schema', () => {
  expect(workloadJsonSchema()).toMatchObject({ type: 'object', properties: { name: { type: 'string' } } });
});
