import { describe, expect, it } from 'vitest';
import { environmentOf, scriptsOf, scriptsToRun, userDataProblem } from '../../../src/sandbox/instances/user-data.ts';

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const environment = (script: string) => environmentOf(encoded(script));

it('reads the variables a script sets, quoted or not, and passes over everything else', () => {
  const script = [
    '#!/bin/sh',
    'set -eu',
    'yum install -y nodejs',
    'export PORT=8080',
    'NAME="two words"',
    " QUOTED='as $is'",
    'ESCAPED="say \\"hi\\""',
    'INLINE=one two',
    'PATH=/opt/bin:$PATH',
    'TODAY="$(date)"',
    'PRICE="5 \\$"',
    'cat > /etc/photos.env <<END',
    'BUCKET=photos',
    'URL=http://x/?a=b',
    'END',
    'if [ "$A" = b ]; then echo x; fi',
  ].join('\n');
  expect(environment(script)).toEqual({
    PORT: '8080',
    NAME: 'two words',
    QUOTED: 'as $is',
    ESCAPED: 'say "hi"',
    INLINE: 'one',
    PRICE: '5 $',
    BUCKET: 'photos',
    URL: 'http://x/?a=b',
  });
});

it('sets nothing without user data', () => {
  expect(environmentOf(undefined)).toEqual({});
});

const multipart = (...parts: readonly (readonly [type: string, body: string])[]): string =>
  [
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed;',
    ' boundary="=boundary="',
    '',
    ...parts.flatMap(([type, body]) => [
      '--=boundary=',
      `Content-Type: ${type}; charset="us-ascii"`,
      'Content-Transfer-Encoding: 7bit',
      '',
      body,
    ]),
    '--=boundary=--',
    '',
  ].join('\r\n');

describe('scripts', () => {
  it('are one that begins with #!, or the shell scripts of an archive in their order', () => {
    expect(scriptsOf(encoded('#!/bin/sh\necho one\n'))).toEqual(['#!/bin/sh\necho one\n']);
    const archive = multipart(
      ['text/x-shellscript', '#!/bin/sh\necho one'],
      ['text/x-shellscript', '#!/bin/bash\necho two'],
    );
    expect(scriptsOf(encoded(archive))).toEqual(['#!/bin/sh\necho one', '#!/bin/bash\necho two']);
    const inBase64 = archive.replace('7bit', 'base64').replace('#!/bin/sh\necho one', encoded('#!/bin/sh\necho six'));
    expect(scriptsOf(encoded(inBase64))[0]).toBe('#!/bin/sh\necho six');
    expect(scriptsOf(encoded('echo one\n'))).toEqual([]);
  });

  it('are run unless they only say what the environment is', () => {
    const settings =
      '#!/bin/sh\nset -eu\n# photos\ncat > /etc/pilot-light.env <<\'END\'\nPORT=8080\nNAME="two words"\nEND\nexport A=b\n';
    expect(scriptsToRun(encoded(settings))).toEqual([]);
    expect(environment(settings)).toEqual({ PORT: '8080', NAME: 'two words', A: 'b' });
    for (const more of [
      'echo hello',
      'A=$(date)',
      'A=b echo hello',
      'cat > /etc/motd <<END\nhello there\nEND',
      '. /etc/x.env',
    ]) {
      expect(scriptsToRun(encoded(`${settings}${more}\n`))).toHaveLength(1);
    }
    const own = '#!/bin/bash\necho hello';
    const archive = multipart(['text/x-shellscript', settings], ['text/x-shellscript', own]);
    expect(scriptsToRun(encoded(archive))).toEqual([own]);
    expect(environment(archive)).toMatchObject({ PORT: '8080' });
  });
});

it.each<[string, string | undefined]>([
  ['#!/bin/sh\necho one', undefined],
  ['echo one', undefined],
  ['#cloud-config\npackages: [nodejs]', 'text/cloud-config'],
  ['#include\nhttp://example.org/x', 'text/x-include-url'],
  [multipart(['text/x-shellscript', '#!/bin/sh'], ['text/cloud-config', 'packages: []']), 'text/cloud-config'],
  ['Content-Type: multipart/mixed\n\nx', 'multipart without a boundary'],
])('%j is of a kind that is not supported: %s', (text, kind) => {
  expect(userDataProblem(encoded(text))).toBe(kind);
});

it('knows compressed user data', () => {
  expect(userDataProblem(Buffer.from([0x1f, 0x8b, 8, 0]).toString('base64'))).toBe('gzip');
});
