// What lists, replication and walks of many things cost, in a sandbox of the compiled product in this process. Things are put in process, as
// a user; lists and walks are an SDK client's. Usage: node many.mjs <items> [more counts]. Prints one JSON array of costs; ends with its stdin.
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';

/** @type {typeof import('../src/sandbox/aws.ts')} */
const { startAws } = await import(new URL('../dist/sandbox/aws.js', import.meta.url).href);

const [from, to] = ['us-east-1', 'us-west-2'];
const account = '111122223333';
/** So slow that nothing is replicated while objects are put. The network is as slow then: for callers time goes at speed 1. */
const frozen = 1e-6;
const sandbox = await startAws({
  regions: [from, to],
  account,
  speed: frozen,
  images: {},
  limits: 'off',
  purpose: 'a benchmark',
});
const sizes = process.argv.slice(2).map(Number);
const most = Math.max(...sizes);
const { core, clock } = sandbox;
const { accessKeyId, secretAccessKey } = sandbox.administrator;
const credentials = { accessKeyId, secretAccessKey };
const s3 = new S3Client({ endpoint: core.endpoint(to), region: to, credentials, forcePathStyle: true });
const ssm = new SSMClient({ endpoint: core.endpoint(from), region: from, credentials });
const administrator = {
  kind: /** @type {const} */ ('user'),
  account,
  arn: `arn:aws:iam::${account}:user/administrator`,
  userName: 'administrator',
};
try {
  await prepare();
  // The first is made twice: what compiles code on the way must not be counted as its cost.
  await objects(sizes[0] ?? 0, 'warm-up');
  await parameters(sizes[0] ?? 0, 'warm-up');
  const costs = [];
  for (const size of sizes) {
    costs.push({ size, ...(await objects(size, `${size}`)), ...(await parameters(size / 10, `${size}`)) });
  }
  process.stdout.write(`${JSON.stringify(costs)}\n`);
  process.stdin.resume();
  await new Promise((ended) => process.stdin.once('end', ended));
} finally {
  s3.destroy();
  ssm.destroy();
  await sandbox.stop();
}

async function prepare() {
  const trust = { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const grant = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
  const document = (/** @type {object} */ one) => JSON.stringify({ Version: '2012-10-17', Statement: [one] });
  await call('iam', 'CreateRole', from, { RoleName: 'bench', AssumeRolePolicyDocument: document(trust) });
  await call('iam', 'PutRolePolicy', from, { RoleName: 'bench', PolicyName: 'all', PolicyDocument: document(grant) });
}

/** @param {number} count @param {string} name */
async function objects(count, name) {
  const [source, replica] = [`bench-${name}`, `bench-${name}-replica`];
  await call('s3', 'CreateBucket', from, { Bucket: source });
  const elsewhere = { CreateBucketConfiguration: { LocationConstraint: to } };
  await call('s3', 'CreateBucket', to, { Bucket: replica, ...elsewhere });
  for (const [region, Bucket] of /** @type {const} */ ([
    [from, source],
    [to, replica],
  ])) {
    await call('s3', 'PutBucketVersioning', region, { Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  }
  const rule = {
    ID: 'all',
    Status: 'Enabled',
    Priority: 1,
    Filter: {},
    DeleteMarkerReplication: { Status: 'Disabled' },
    Destination: { Bucket: `arn:aws:s3:::${replica}` },
  };
  const replication = { Role: `arn:aws:iam::${account}:role/bench`, Rules: [rule] };
  await call('s3', 'PutBucketReplication', from, { Bucket: source, ReplicationConfiguration: replication });
  const put = await costOf(count, async () => {
    for (let number = 0; number < count; number++) {
      await call('s3', 'PutObject', from, { Bucket: source, Key: `photos/${number % 97}/${number}`, Body: 'x' });
    }
  });
  const tasks = core.table('s3', from, 'replication-tasks');
  if (tasks.size !== count) throw new Error(`${tasks.size} of ${count} objects wait to be replicated.`);
  const replicate = await costOf(count, async () => {
    clock.setCeiling(Number.POSITIVE_INFINITY);
    while (tasks.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    clock.setCeiling(1);
  });
  const list = await meanCostOf(count, most, async () => {
    let found = 0;
    for await (const { Contents } of paginateListObjectsV2({ client: s3 }, { Bucket: replica }))
      found += Contents?.length ?? 0;
    if (found !== count) throw new Error(`${found} of ${count} objects were replicated.`);
  });
  clock.setCeiling(frozen);
  return { put, replicate, list };
}

/** @param {number} count @param {string} name */
async function parameters(count, name) {
  const putParameter = await costOf(count, async () => {
    for (let number = 0; number < count; number++) {
      await call('ssm', 'PutParameter', from, { Name: `/bench/${name}/${number}`, Type: 'String', Value: 'x' });
    }
  });
  clock.setCeiling(1);
  const walk = await meanCostOf(count, most / 10, async () => {
    let found = 0;
    for await (const { Parameters } of paginateGetParametersByPath({ client: ssm }, { Path: `/bench/${name}` })) {
      found += Parameters?.length ?? 0;
    }
    if (found !== count) throw new Error(`${found} of ${count} parameters were read.`);
  });
  clock.setCeiling(frozen);
  return { putParameter, walk };
}

/** @param {'iam' | 's3' | 'ssm'} service @param {string} operation @param {string} region @param {object} input */
function call(service, operation, region, input) {
  return core.invoke({ service, operation, region, input, principal: administrator });
}

/** Microseconds of processor time a unit: other work of the machine doesn't count. @param {number} count @param {() => Promise<void>} work */
async function costOf(count, work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/**
 * Of work that can be done again: so often that every size makes as many calls, and a busy moment weighs the same in each.
 * @param {number} count @param {number} most @param {() => Promise<void>} work
 */
function meanCostOf(count, most, work) {
  const times = Math.max(1, Math.round((3 * most) / count));
  return costOf(times * count, async () => {
    for (let time = 0; time < times; time++) await work();
  });
}
