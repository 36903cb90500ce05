// A sandbox with nothing deployed, from the compiled product, without AWS's own request rates. Usage: node bare.mjs [state folder]. Prints
// one JSON object once it answers: where it is and who may call. Ends with its stdin.

/** @type {typeof import('../src/sandbox/aws.ts')} */
const { startAws } = await import(new URL('../dist/sandbox/aws.js', import.meta.url).href);

const [state] = process.argv.slice(2);
const region = 'us-east-1';
const sandbox = await startAws({
  regions: [region, 'us-west-2'],
  account: '111122223333',
  speed: 1,
  images: {},
  limits: 'off',
  purpose: 'a benchmark',
  ...(state === undefined ? {} : { state }),
});
const { accessKeyId, secretAccessKey } = sandbox.administrator;
const told = { region, endpoint: sandbox.core.endpoint(region), credentials: { accessKeyId, secretAccessKey } };
process.stdout.write(`${JSON.stringify(told)}\n`);
process.stdin.resume();
await new Promise((ended) => process.stdin.once('end', ended));
await sandbox.stop();
