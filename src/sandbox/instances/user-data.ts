/**
 * An instance's user data as cloud-init takes it: a shell script (or any other that begins with `#!`), or a multipart archive of such
 * scripts. What the sandbox can't do with is told by `userDataProblem`, so that a launch refuses it by name.
 *
 * A script that only sets variables, or writes files of them, is read and not run: what it says is the program's environment. On AWS the
 * service of the image would read those files. Any other script is run, in the instance (see `user-data-run.ts`), and read as well.
 */

/** The scripts of user data given in base64, as EC2 keeps it; none where cloud-init would run none. */
export function scriptsOf(userData: string | undefined): readonly string[] {
  const text = decoded(userData);
  if (text.startsWith('#!')) return [text];
  return isMultipart(text) ? partsOf(text).flatMap(({ type, body }) => (type === scriptType ? [body] : [])) : [];
}

/** Those that do more than say what the environment is, in their order. */
export const scriptsToRun = (userData: string | undefined): readonly string[] =>
  scriptsOf(userData).filter((script) => !onlySaysEnvironment(script));

/** The environment that user data sets. */
export const environmentOf = (userData: string | undefined): Record<string, string> =>
  Object.fromEntries(
    scriptsOf(userData).flatMap((script) => script.split(/\r?\n/).flatMap((line) => variable(line) ?? [])),
  );

/** What it is that the sandbox doesn't support in this user data, in cloud-init's names; undefined when there is nothing. */
export function userDataProblem(userData: string | undefined): string | undefined {
  const text = decoded(userData);
  if (text.startsWith('\u001f\u008b')) return 'gzip';
  const kinds = isMultipart(text) ? partsOf(text).map(({ type }) => type) : [kindOf(text)];
  return kinds.find((kind) => kind !== scriptType && kind !== undefined);
}

const scriptType = 'text/x-shellscript';

/** Source: cloud-init's documentation, "User data formats". Anything else it only warns of. */
const kinds: readonly (readonly [begins: string, kind: string])[] = [
  ['#cloud-config-archive', 'text/cloud-config-archive'],
  ['#cloud-config', 'text/cloud-config'],
  ['#cloud-boothook', 'text/cloud-boothook'],
  ['#include-once', 'text/x-include-once-url'],
  ['#include', 'text/x-include-url'],
  ['#part-handler', 'text/part-handler'],
  ['#upstart-job', 'text/upstart-job'],
  ['## template: jinja', 'text/jinja2'],
];

const kindOf = (text: string): string | undefined => kinds.find(([begins]) => text.startsWith(begins))?.[1];

const decoded = (userData: string | undefined): string =>
  userData === undefined ? '' : textOf(Buffer.from(userData, 'base64'));

/** Compressed data stays recognisable. */
const textOf = (bytes: Buffer): string =>
  bytes[0] === 0x1f && bytes[1] === 0x8b ? bytes.toString('latin1') : bytes.toString('utf8');

interface Part {
  readonly type: string;
  readonly body: string;
}

const isMultipart = (text: string): boolean => /^(content-type:\s*multipart\/|mime-version:)/i.test(text);

/** The parts of a MIME archive; headers may go on over several lines, and a body may be in base64. */
function partsOf(archive: string): Part[] {
  const text = archive.replace(/\r\n/g, '\n');
  const { headers } = headersOf(text);
  const boundary = /boundary="?([^";\n]+)"?/i.exec(headers.get('content-type') ?? '')?.[1];
  if (boundary === undefined) return [{ type: 'multipart without a boundary', body: '' }];
  const pieces = `\n${text}`.split(`\n--${boundary}`).slice(1);
  return pieces
    .filter((piece) => !piece.startsWith('--'))
    .map((piece) => {
      const part = headersOf(piece.replace(/^\s*\n/, ''));
      const type = (part.headers.get('content-type') ?? 'text/plain').split(';', 1)[0]?.trim().toLowerCase() ?? '';
      const inBase64 = part.headers.get('content-transfer-encoding')?.trim().toLowerCase() === 'base64';
      return { type, body: inBase64 ? Buffer.from(part.body, 'base64').toString('utf8') : part.body };
    });
}

function headersOf(text: string): { readonly headers: ReadonlyMap<string, string>; readonly body: string } {
  const end = text.indexOf('\n\n');
  const head = end < 0 ? text : text.slice(0, end);
  const lines = head.replace(/\n[ \t]+/g, ' ').split('\n');
  const headers = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon < 0 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]];
  });
  return { headers: new Map(headers), body: end < 0 ? '' : text.slice(end + 2) };
}

/** Comments, variables, `set`, and files written from a here-document that holds variables. */
function onlySaysEnvironment(script: string): boolean {
  let ending: string | undefined;
  for (const line of script.split(/\r?\n/)) {
    if (ending !== undefined) {
      if (line === ending) ending = undefined;
      else if (!isQuiet(line) && variable(line) === undefined) return false;
      continue;
    }
    ending = /^cat >>? ?\S+ <<-?\s*(['"]?)(\w+)\1$/.exec(line.trim())?.[2];
    if (
      ending === undefined &&
      !isQuiet(line) &&
      !/^\s*(?:export\s+)?\w+=(?:[^\s;&|$`]*|'[^']*'|"[^"$`]*")\s*$/.test(line)
    )
      return false;
  }
  return true;
}

const isQuiet = (line: string): boolean => /^\s*(#.*|set -\w+|)$/.test(line);

const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;

function variable(line: string): [[string, string]] | undefined {
  const match = assignment.exec(line);
  const [, name, text] = match ?? [];
  // What a shell would have to work out isn't known by reading.
  if (name === undefined || text === undefined || (!text.startsWith("'") && /(^|[^\\])[$`]/.test(text)))
    return undefined;
  return [[name, unquoted(text.trim())]];
}

function unquoted(text: string): string {
  const single = /^'([^']*)'/.exec(text);
  if (single !== null) return single[1] ?? '';
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(text);
  if (double !== null) return (double[1] ?? '').replace(/\\(["\\$`])/g, '$1');
  // An unquoted value ends at the first blank: what follows is another command.
  return text.split(/[\s;]/, 1)[0] ?? '';
}
