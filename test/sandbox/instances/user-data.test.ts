import { expect, it } from 'vitest';
import { environmentOf } from '../../../src/sandbox/instances/user-data.ts';

const environment = (script: string) => environmentOf(Buffer.from(script).toString('base64'));

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
    BUCKET: 'photos',
    URL: 'http://x/?a=b',
  });
});

it('sets nothing without user data', () => {
  expect(environmentOf(undefined)).toEqual({});
});
