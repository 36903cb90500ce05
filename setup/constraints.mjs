// Writes src/facts/constraints/: what AWS's service models allow in the input of every operation the sandbox serves. The models are
// botocore's (Apache-2.0); only their facts are kept: numbers, patterns, values, and which members are required. Values that the installed
// SDK clients know beside them are added: their models may be newer.
//
//   node setup/constraints.mjs "$(python3 -c 'import botocore, os; print(os.path.dirname(botocore.__file__))')"
//   npx biome format --write src/facts/constraints
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** botocore's folders, by signing name where the two differ. @type {Record<string, string>} */
const folders = { elasticloadbalancing: 'elbv2', monitoring: 'cloudwatch', states: 'stepfunctions' };

/** The SDK's clients, where they aren't called by the signing name. @type {Record<string, string>} */
const clients = {
  autoscaling: 'auto-scaling',
  elasticloadbalancing: 'elastic-load-balancing-v2',
  events: 'eventbridge',
  globalaccelerator: 'global-accelerator',
  logs: 'cloudwatch-logs',
  monitoring: 'cloudwatch',
  route53: 'route-53',
  secretsmanager: 'secrets-manager',
  states: 'sfn',
};

/** What a model says and a service grows out of between two releases of it: services judge these by themselves. */
const omitted = new Set(['ec2 InstanceType', 'ec2 AcceleratorName']);

/** Services that word what is wrong in a body otherwise than what is wrong in the path, the query string or a header. */
const inXml = new Set(['route53', 's3']);

/** @typedef {{ type: string, required?: string[], members?: Record<string, Reference>, member?: Reference, key?: Reference, value?: Reference, min?: number, max?: number, pattern?: string, enum?: string[], sensitive?: boolean, location?: string }} Shape */
/** @typedef {{ shape: string, location?: string }} Reference */
/** @typedef {{ shapes: Record<string, Shape>, operations: Record<string, { input?: Reference }> }} Model */
/** @typedef {Record<string, unknown>} Fact */

const [botocore] = process.argv.slice(2);
if (botocore === undefined) {
  process.stderr.write('Usage: node setup/constraints.mjs FOLDER, where botocore is installed.\n');
  process.exit(2);
}
const version = /__version__ = '([^']+)'/.exec(readFileSync(join(botocore, '__init__.py'), 'utf8'))?.[1];
const coverage = readFileSync(join(root, 'docs/coverage.md'), 'utf8');
for (const [, service = '', names = ''] of coverage.matchAll(/^\*\*(\w+)\*\* \(\d+\): (.*)$/gm)) {
  const folder = join(botocore, 'data', folders[service] ?? service);
  const date = readdirSync(folder).sort().at(-1) ?? '';
  /** @type {Model} */
  const model = JSON.parse(gunzipSync(readFileSync(join(folder, date, 'service-2.json.gz'))).toString('utf8'));
  /** @type {Record<string, unknown>} */
  const client = await import(`@aws-sdk/client-${clients[service] ?? service}`);
  for (const [name, shape] of Object.entries(model.shapes)) {
    const known = client[name];
    if (shape.enum === undefined || typeof known !== 'object' || known === null) continue;
    shape.enum = [...new Set([...shape.enum, ...Object.values(known)])];
  }
  const facts = factsOf(service, model, names.split(', '));
  const document = { source: `botocore ${version}: ${folders[service] ?? service} ${date}`, ...facts };
  writeFileSync(join(root, 'src/facts/constraints', `${service}.json`), `${JSON.stringify(document, undefined, 2)}\n`);
}

/** @param {string} service @param {Model} model @param {readonly string[]} names */
function factsOf(service, model, names) {
  const constrained = constrainedShapes(service, model);
  /** @type {Record<string, string>} */
  const operations = {};
  /** @type {Record<string, Fact>} */
  const shapes = {};
  /** @param {string} name */
  const keep = (name) => {
    const shape = model.shapes[name];
    if (shape === undefined || name in shapes || !constrained.has(name)) return;
    const fact = limitsOf(service, name, shape);
    shapes[name] = fact;
    /** @param {Reference | undefined} reference */
    const inner = (reference) => {
      if (reference === undefined || !constrained.has(reference.shape)) return undefined;
      keep(reference.shape);
      return reference.shape;
    };
    if (shape.type === 'structure') {
      const outside = Object.entries(shape.members ?? {}).filter(([, { location }]) => location !== undefined);
      if (inXml.has(service) && outside.length > 0) fact.outside = outside.map(([member]) => member);
      if ((shape.required ?? []).length > 0) fact.required = shape.required;
      const members = Object.entries(shape.members ?? {}).flatMap(([member, reference]) => {
        const target = inner(reference);
        return target === undefined ? [] : [[member, target]];
      });
      if (members.length > 0) fact.members = Object.fromEntries(members);
    }
    for (const [part, reference] of Object.entries({ item: shape.member, key: shape.key, value: shape.value })) {
      const target = inner(reference);
      if (target !== undefined) fact[part] = target;
    }
  };
  for (const name of names) {
    const input = model.operations[name]?.input?.shape;
    if (input === undefined || !constrained.has(input)) continue;
    operations[name] = input;
    keep(input);
  }
  return { operations, shapes };
}

/** The shapes that constrain something, themselves or somewhere inside. @param {string} service @param {Model} model */
function constrainedShapes(service, model) {
  /** @type {Set<string>} */
  const found = new Set();
  let before = -1;
  while (found.size !== before) {
    before = found.size;
    for (const [name, shape] of Object.entries(model.shapes)) {
      const { sensitive: _alone, ...limits } = limitsOf(service, name, shape);
      const inner = [...Object.values(shape.members ?? {}), shape.member, shape.key, shape.value];
      const isConstrained =
        Object.keys(limits).length > 0 ||
        (shape.required ?? []).length > 0 ||
        inner.some((reference) => reference !== undefined && found.has(reference.shape));
      if (isConstrained) found.add(name);
    }
  }
  return found;
}

/** @param {string} service @param {string} name @param {Shape} shape @returns {Fact} */
function limitsOf(service, name, { type, min, max, pattern, enum: values, sensitive }) {
  if (omitted.has(`${service} ${name}`)) return {};
  const isNumber = ['integer', 'long', 'float', 'double'].includes(type);
  return {
    ...(min === undefined || (min === 0 && !isNumber) ? {} : { min }),
    ...(max === undefined || max >= 2 ** 31 - 1 ? {} : { max }),
    // A pattern that allows anything.
    ...(pattern === undefined || pattern === '.*' || pattern === '[\\s\\S]*' ? {} : { pattern }),
    ...(values === undefined ? {} : { values }),
    ...(sensitive === true ? { sensitive } : {}),
  };
}
