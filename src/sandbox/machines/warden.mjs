// @ts-check
/**
 * Leads the process group of one Region. Starts machines on request, as its children and in its group, and reports their ends. When
 * its standard input closes, whatever the reason, the sandbox is gone: the warden kills the whole group, itself included.
 *
 * Requests, one JSON object a line: {"op":"spawn","id","command","args","env","cwd"?,"log"} | {"op":"kill","pid","signal"}.
 * Reports: {"id","pid"} | {"id","error"} | {"id","exit":{"code","signal"}}.
 */

import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

const mark = process.argv[2] ?? '';
/** @type {Map<number, import('node:child_process').ChildProcess>} */
const machines = new Map();

process.stdin.setEncoding('utf8');
let pending = '';
process.stdin.on('data', (text) => {
  const lines = (pending + text).split('\n');
  pending = lines.pop() ?? '';
  for (const line of lines) obey(JSON.parse(line));
});
process.stdin.on('end', killGroup);
process.stdin.on('close', killGroup);
process.stdin.on('error', killGroup);
process.stdout.on('error', killGroup);
// Ctrl-C reaches only the terminal's own group; should a signal come all the same, the sandbox decides, not the warden.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => {});

/** @param {any} request */
function obey(request) {
  if (request.op === 'spawn') start(request);
  else if (request.op === 'kill') machines.get(request.pid)?.kill(request.signal);
}

/** @param {{ id: number, command: string, args: string[], env: Record<string, string>, cwd?: string, log: string }} request */
function start({ id, command, args, env, cwd, log }) {
  let file;
  try {
    file = openSync(log, 'a', 0o600);
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', file, file] });
    child.once('error', (error) => {
      if (child.pid === undefined) report({ id, error: error.message });
    });
    const { pid } = child;
    if (pid === undefined) return;
    machines.set(pid, child);
    report({ id, pid });
    child.once('exit', (code, signal) => {
      machines.delete(pid);
      report({ id, exit: { code, signal } });
    });
  } catch (error) {
    report({ id, error: error instanceof Error ? error.message : String(error) });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** @param {object} message */
function report(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function killGroup() {
  for (const pid of escaped()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }
  process.kill(-process.pid, 'SIGKILL');
}

/** Processes that carry this Region's mark but left its group. */
function escaped() {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      return readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0').includes(mark) ? [pid] : [];
    } catch {
      return [];
    }
  });
}
