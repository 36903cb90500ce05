// Compiles src/ to dist/, copies what isn't compiled, and bundles the control functions. Does nothing when nothing has changed.
// `--types` adds the public index's declarations, which only a package needs. Types are checked by `npm run verify`, not here.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const output = join(root, 'dist');
const stamp = join(output, '.built');

const withTypes = process.argv.includes('--types');

if (!withTypes && !isStale()) process.exit(0);
const compiler = join(root, 'node_modules', 'ts7', 'bin', 'tsc');
if (!existsSync(compiler)) {
  process.stderr.write('The compiler is not installed. Run `npm ci` first.\n');
  process.exit(2);
}
// What runs from dist/ meanwhile must not find it half built: it is built beside, and put in place in the end.
const next = mkdtempSync(join(root, '.dist-'));
process.once('exit', () => rmSync(next, { recursive: true, force: true }));
// What changes while it is compiled must count as newer.
writeFileSync(join(next, '.built'), '');
compile('tsconfig.build.json');
if (withTypes) compile('tsconfig.types.json');
for (const file of filesOf(source)) {
  if (!/\.(mjs|json|html|css)$/.test(file)) continue;
  const target = join(next, relative(source, file));
  mkdirSync(dirname(target), { recursive: true });
  cpSync(file, target);
}
const { buildControlBundle } = await import(pathToFileURL(join(next, 'infra', 'bundle.js')).href);
buildControlBundle();
await bundleCommandLine();
replace(output, next);

/**
 * What every command loads before its own work, as one file: the loader takes a millisecond and more for each module. Only what nothing
 * else imports goes in, since a module must not be there twice: an error's class would be two.
 */
async function bundleCommandLine() {
  const { build } = await import('esbuild');
  const main = join(next, 'cli', 'main.js');
  await build({
    entryPoints: [main],
    outfile: main,
    allowOverwrite: true,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: "// With Commander, Copyright (c) 2011 TJ Holowaychuk, MIT License.\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'own-modules-only',
        setup(bundler) {
          bundler.onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
            const shared = resolveDir === dirname(main) && !/-(commands|options|values)\.js$/.test(path);
            return kind === 'dynamic-import' || shared ? { path, external: true } : undefined;
          });
        },
      },
    ],
    logLevel: 'error',
  });
}

/** @param {string} project */
function compile(project) {
  const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, project), '--outDir', next], {
    stdio: ['ignore', 2, 2],
    cwd: root,
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Puts a folder in another's place. Of two that do this at once one finds it done. @param {string} old @param {string} fresh */
function replace(old, fresh) {
  const aside = `${fresh}.old`;
  try {
    if (existsSync(old)) renameSync(old, aside);
    renameSync(fresh, old);
  } catch (error) {
    if (isStale()) throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function isStale() {
  if (!existsSync(stamp)) return true;
  // An installed package carries dist/ and no sources.
  if (!existsSync(source)) return false;
  const builtAt = statSync(stamp).mtimeMs;
  // The lock says which dependencies are bundled.
  const others = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((name) => join(root, name));
  return [...filesOf(source), ...others].some((file) => statSync(file).mtimeMs > builtAt);
}

/** @param {string} folder @returns {string[]} */
function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}
