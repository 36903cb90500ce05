// Brings a sandbox up and deploys the example into it with the compiled product, as a rehearsal does: synthesis goes on while the
// sandbox starts. One JSON object per line on stdout: what is done and how long it took, in the end where the sandbox is. Stays until
// its stdin ends.
import { join } from 'node:path';

/** @type {typeof import('../src/cli/load-workload.ts')} */
const { loadWorkload } = await product('cli/load-workload.js');
/** @type {typeof import('../src/cli/synthesize.ts')} */
const { synthesize } = await product('cli/synthesize.js');
/** @type {typeof import('../src/cli/sandbox-target.ts')} */
const { sandboxTarget } = await product('cli/sandbox-target.js');
/** @type {typeof import('../src/cli/deploy/deploy-assembly.ts')} */
const { deployAssembly } = await product('cli/deploy/deploy-assembly.js');
/** @type {typeof import('../src/cli/workspace.ts')} */
const { openWorkspace } = await product('cli/workspace.js');

const { workload, baseDirectory } = await loadWorkload(undefined);
const workspace = openWorkspace();
const synthesis = timed('synth', () => synthesize(baseDirectory, join(workspace.folder, 'cdk.out')));
// Awaited below; a failure before that must not end the process by itself.
synthesis.catch(() => {});
const target = await timed('up', () => sandboxTarget({ workload, baseDirectory, speed: 'max' }));
try {
  const assemblyDirectory = await synthesis;
  const { stacks } = await timed('deploy', () =>
    deployAssembly({ assemblyDirectory, clients: (region) => target.clients(region) }),
  );
  // From here on it is a sandbox at rest.
  target.setSpeed(1);
  const { core, dispatcher } = target.sandbox;
  // What is measured is what lies behind AWS's own request rates.
  dispatcher.guard(core, { limited: false });
  say({
    done: 'all',
    id: target.sandbox.id,
    stacks: stacks.length,
    insideEndpoint: core.endpoint(workload.recovery.region),
    environment: target.environment,
  });
  process.stdin.resume();
  await new Promise((ended) => process.stdin.once('end', ended));
} finally {
  await target.stop();
  workspace.close();
}

/**
 * @template Value
 * @param {string} done
 * @param {() => Promise<Value>} work
 */
async function timed(done, work) {
  const began = performance.now();
  const value = await work();
  say({ done, milliseconds: performance.now() - began });
  return value;
}

/** @param {string} path */
function product(path) {
  return import(new URL(`../dist/${path}`, import.meta.url).href);
}

/** @param {unknown} line */
function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
