import { defineWorkload } from 'pilot-light';

const certificate = (region: string, id: string): string => `arn:aws:acm:${region}:111122223333:certificate/${id}`;

/** As unlike the example as a workload can be: other Regions, networks, a zone and certificates that are there already, a witness, groups, every event source but a queue. */
export default defineWorkload({
  name: 'guests',
  environment: 'test',
  primary: {
    region: 'eu-west-1',
    network: {
      vpc: 'vpc-0a0a0a0a0a0a0a0a1',
      publicSubnets: ['subnet-0a0a0a0a0a0a0a0a1', 'subnet-0a0a0a0a0a0a0a0a2'],
      privateSubnets: ['subnet-0b0b0b0b0b0b0b0b1', 'subnet-0b0b0b0b0b0b0b0b2'],
    },
  },
  recovery: {
    region: 'eu-central-1',
    network: {
      vpc: 'vpc-0c0c0c0c0c0c0c0c1',
      publicSubnets: ['subnet-0c0c0c0c0c0c0c0c1', 'subnet-0c0c0c0c0c0c0c0c2'],
      privateSubnets: ['subnet-0d0d0d0d0d0d0d0d1', 'subnet-0d0d0d0d0d0d0d0d2'],
      endpoints: true,
    },
  },
  witness: { region: 'eu-west-2' },
  policy: 'automatic',
  watch: { intervalSeconds: 10 },
  compute: {
    pages: {
      image: 'ami-0a0b0c0d0e0f00001',
      capacity: { min: 1, desired: 1, max: 1 },
      port: 9000,
      alivePath: '/up',
      readyPath: '/up?write',
      environment: { GREETING: 'Good "evening"' },
    },
    desk: {
      image: 'ami-0a0b0c0d0e0f00002',
      instanceTypes: ['c7g.medium', 't4g.small'],
      capacity: { min: 1, desired: 2, max: 2 },
      serves: ['/v1/*'],
      port: 9001,
      alivePath: '/v1/up',
      userData: '#!/bin/bash\nmkdir -p /srv/desk\necho "pen and ink" > /srv/desk/drawer',
    },
    bell: { image: 'ami-0a0b0c0d0e0f00003', capacity: { min: 1, desired: 1, max: 1 }, serves: 'nothing' },
  },
  database: { engine: 'mariadb', name: 'guests' },
  buckets: ['letters'],
  functions: {
    clock: { entry: 'functions/witness.ts', schedule: 'rate(5 minutes)' },
    ear: {
      entry: 'functions/witness.ts',
      events: {
        source: ['aws.ssm'],
        'detail-type': ['Parameter Store Change'],
        detail: { name: [{ prefix: '/shared/house/' }] },
      },
    },
    porter: { entry: 'functions/witness.ts', objects: { bucket: 'letters', prefix: 'inbox/' } },
    crier: { entry: 'functions/witness.ts' },
  },
  steps: {
    'cry-out': { function: 'crier', after: 'ProveRecoveryWrite', does: 'cry out that the house is open again' },
  },
  parameters: { values: { opens: 'at nine' }, paths: ['/shared/house/'] },
  notifications: { webhooks: ['lobby'] },
  traffic: {
    zone: 'guests.example',
    zoneId: 'Z0GUESTS0EXAMPLE',
    name: 'guests.example',
    certificates: {
      primary: certificate('eu-west-1', '11111111-1111-4111-8111-111111111111'),
      recovery: certificate('eu-central-1', '22222222-2222-4222-8222-222222222222'),
    },
  },
  sandbox: {
    images: {
      'ami-0a0b0c0d0e0f00001': { entry: 'pages.ts' },
      'ami-0a0b0c0d0e0f00002': { entry: 'desk.ts' },
      'ami-0a0b0c0d0e0f00003': { entry: 'bell.ts' },
    },
    customers: {
      write: {
        method: 'POST',
        path: '/v1/entries',
        contentType: 'application/json',
        body: { text: '{"guest":"{id}","says":"hello"}' },
        acknowledgedBy: 200,
      },
      row: { table: 'entries', id: 'guest' },
    },
  },
});
