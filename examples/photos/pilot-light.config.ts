import { defineWorkload } from 'pilot-light';

export default defineWorkload({
  name: 'photos',
  environment: 'dev',
  account: '111122223333',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  policy: 'automatic',
  compute: {
    web: {
      image: 'ami-0f0e0d0c0b0a09080',
      // Where there is no room for the first, instances of the next are launched.
      instanceTypes: ['t3.small', 't3a.small'],
      capacity: { min: 2, desired: 2, max: 4 },
    },
  },
  database: { name: 'photos' },
  buckets: ['photos'],
  functions: { thumbnail: { entry: 'functions/thumbnail.ts', queue: 'uploads' } },
  parameters: { values: { title: 'Photos', 'page-size': '50' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
  verification: {
    write: {
      path: '/photos/{id}',
      contentType: 'image/bmp',
      body: { random: 19_200, after: 'Qk02SwAAAAAAADYAAAAoAAAAUAAAAFAAAAABABgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
    },
    read: { path: '/photos/{id}' },
  },
  sandbox: {
    images: { 'ami-0f0e0d0c0b0a09080': { entry: 'app/server.ts' } },
    customers: {
      // 80 by 80 random pixels behind a bitmap's header: no two photos are alike.
      write: {
        path: '/photos/{id}',
        contentType: 'image/bmp',
        body: { random: 19_200, after: 'Qk02SwAAAAAAADYAAAAoAAAAUAAAAFAAAAABABgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
      },
      row: { table: 'photos', id: 'id', sha256: 'sha256' },
      object: { bucket: 'photos', key: 'photos/{id}.bmp' },
    },
  },
});
