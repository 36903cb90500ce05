import { describe, expect, it } from 'vitest';
import { PilotLightError } from '../../../src/kernel/errors.ts';
import { findBinaries } from '../../../src/sandbox/databases/binaries.ts';
import { layoutOf } from '../../../src/sandbox/databases/layout.ts';

describe('what databases need of the machine', () => {
  it('is found wherever the distribution puts it, or named with its packages', () => {
    expect(findBinaries().server).toMatch(/mariadbd$/);
    const missing = () => findBinaries(['/nowhere']);
    expect(missing).toThrow(PilotLightError);
    expect(missing).toThrow(/mariadbd, mariadb-install-db, mariadb-backup.*packages mariadb-server and mariadb-backup/);
  });

  it('is a path short enough for a socket', () => {
    expect(layoutOf('/tmp/pilot-light-abcdef/databases/db-0').socket).toMatch(/db-0\/s$/);
    expect(() => layoutOf(`/tmp/${'deep/'.repeat(20)}`)).toThrow(/TMPDIR/);
  });
});
