import { defineWorkload } from 'pilot-light';

/** As unlike the example as a workload can be: other Regions, one instance, no bucket, no function, rows without a digest. */
export default defineWorkload({
  name: 'guests',
  environment: 'test',
  primary: { region: 'eu-west-1' },
  recovery: { region: 'eu-central-1' },
  policy: 'automatic',
  compute: {
    guests: {
      image: 'ami-0a0b0c0d0e0f00000',
      capacity: { min: 1, desired: 1, max: 2 },
      port: 9000,
      alivePath: '/up',
      readyPath: '/up?write',
      environment: { GREETING: 'Good "evening"' },
    },
  },
  database: { engine: 'mariadb', name: 'guests' },
  traffic: { zone: 'guests.example', name: 'guests.example' },
  sandbox: {
    images: { 'ami-0a0b0c0d0e0f00000': { entry: 'server.ts' } },
    customers: {
      write: {
        method: 'POST',
        path: '/entries',
        contentType: 'application/json',
        body: { text: '{"guest":"{id}","says":"hello"}' },
        acknowledgedBy: 200,
      },
      row: { table: 'entries', id: 'guest' },
    },
  },
});
