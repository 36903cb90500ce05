// Compiles src/ to dist/, and copies what isn't compiled. Does nothing when nothing has changed. `--types` adds the public index's
// declarations, which only a package needs. Types are checked by `npm run verify`, not here.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const output = join(root, 'dist');
const stamp = join(output, '.built');

const withTypes = process.argv.includes('--types');

if (!withTypes && !isStale()) process.exit(0);
rmSync(output, { recursive: true, force: true });
compile('tsconfig.build.json');
if (withTypes) compile('tsconfig.types.json');
for (const file of filesOf(source)) {
  if (!/\.(mjs|json|html|css)$/.test(file)) continue;
  const target = join(output, relative(source, file));
  mkdirSync(dirname(target), { recursive: true });
  cpSync(file, target);
}
writeFileSync(stamp, '');

/** @param {string} project */
function compile(project) {
  const tsc = join(root, 'node_modules', 'ts7', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, project)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    cwd: root,
  });
  if (status !== 0) process.exit(status ?? 1);
}

function isStale() {
  if (!existsSync(stamp)) return true;
  // An installed package carries dist/ and no sources.
  if (!existsSync(source)) return false;
  const builtAt = statSync(stamp).mtimeMs;
  return [...filesOf(source), join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json')].some(
    (file) => statSync(file).mtimeMs > builtAt,
  );
}

/** @param {string} folder @returns {string[]} */
function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}
