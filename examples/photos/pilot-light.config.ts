import { defineWorkload } from 'pilot-light';

export default defineWorkload({
  name: 'photos',
  environment: 'dev',
  account: '111122223333',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  policy: 'automatic',
  compute: { image: 'ami-0f0e0d0c0b0a09080', capacity: { min: 2, desired: 2, max: 4 } },
  database: { name: 'photos' },
  buckets: ['photos'],
  functions: { thumbnail: { entry: 'functions/thumbnail.ts', queue: 'uploads' } },
  parameters: { values: { title: 'Photos', 'page-size': '50' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
  sandbox: { images: { 'ami-0f0e0d0c0b0a09080': { entry: 'app/server.ts' } } },
});
