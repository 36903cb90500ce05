/**
 * What the sandbox reads from an instance's user data: the variables a shell script sets, one per line, as `KEY=value` or
 * `export KEY=value`, quoted or not. Every other line (package installs, service starts) is the distribution's business and is
 * passed over: the image's start command takes its place.
 */

const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;

/** The environment set by user data given in base64, as EC2 keeps it. */
export function environmentOf(userData: string | undefined): Record<string, string> {
  if (userData === undefined) return {};
  const lines = Buffer.from(userData, 'base64').toString('utf8').split(/\r?\n/);
  return Object.fromEntries(lines.flatMap((line) => variable(line) ?? []));
}

function variable(line: string): [[string, string]] | undefined {
  const match = assignment.exec(line);
  const [, name, text] = match ?? [];
  return name === undefined || text === undefined ? undefined : [[name, unquoted(text.trim())]];
}

function unquoted(text: string): string {
  const single = /^'([^']*)'/.exec(text);
  if (single !== null) return single[1] ?? '';
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(text);
  if (double !== null) return (double[1] ?? '').replace(/\\(["\\$`])/g, '$1');
  // An unquoted value ends at the first blank: what follows is another command.
  return text.split(/[\s;]/, 1)[0] ?? '';
}
