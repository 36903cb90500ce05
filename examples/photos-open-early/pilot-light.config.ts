import { defineWorkload } from 'pilot-light';
import photos from '../photos/pilot-light.config.ts';

/** The same photos, with a witness Region and a replica that takes writes before it is promoted: experimental, see docs/open-early.md. */
export default defineWorkload({
  ...photos,
  environment: 'early',
  witness: { region: 'us-east-2' },
  database: { name: 'photos', cutover: 'open-early' },
  functions: { thumbnail: { entry: '../photos/functions/thumbnail.ts', queue: 'uploads' } },
  sandbox: { ...photos.sandbox, images: { 'ami-0f0e0d0c0b0a09080': { entry: '../photos/app/server.ts' } } },
});
