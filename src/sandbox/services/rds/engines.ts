/** The engines and classes that can be ordered, and what they are called in parameter groups. Both run on MariaDB servers here. */

import { isDatabaseClass } from '../../../facts/offerings.ts';
import { invalidCombination, invalidValue } from './errors.ts';

export interface EngineVersion {
  readonly engine: 'mysql' | 'mariadb';
  readonly major: string;
  readonly version: string;
}

/** A sample, the newest of each major version first; `chooseVersion` accepts other minor versions too. */
export const engineVersions: readonly EngineVersion[] = [
  { engine: 'mysql', major: '8.0', version: '8.0.43' },
  { engine: 'mysql', major: '8.0', version: '8.0.42' },
  { engine: 'mysql', major: '8.0', version: '8.0.41' },
  { engine: 'mysql', major: '8.0', version: '8.0.40' },
  { engine: 'mysql', major: '8.4', version: '8.4.6' },
  { engine: 'mysql', major: '8.4', version: '8.4.5' },
  { engine: 'mysql', major: '8.4', version: '8.4.4' },
  { engine: 'mysql', major: '8.4', version: '8.4.3' },
  { engine: 'mariadb', major: '10.11', version: '10.11.14' },
  { engine: 'mariadb', major: '10.11', version: '10.11.13' },
  { engine: 'mariadb', major: '11.4', version: '11.4.8' },
];

/** A full version, from a full one, a major one or none. AWS adds minor versions each quarter, so any is taken for real. */
export function chooseVersion(engine: string | undefined, version: string | undefined): EngineVersion {
  const ofEngine = engineVersions.filter((one) => one.engine === engine);
  const [newest] = ofEngine;
  if (newest === undefined) {
    throw invalidValue(`Invalid DB engine: ${engine}. The sandbox runs mysql and mariadb.`);
  }
  if (version === undefined) return newest;
  const exact = ofEngine.find((one) => one.version === version) ?? ofEngine.find((one) => one.major === version);
  if (exact !== undefined) return exact;
  const major = ofEngine.find(
    (one) => version.startsWith(`${one.major}.`) && /^\d+$/.test(version.slice(one.major.length + 1)),
  );
  if (major === undefined) throw invalidCombination(`Cannot find version ${version} for ${engine}`);
  return { ...major, version };
}

export const familyOf = (version: EngineVersion): string => `${version.engine}${version.major}`;

export const families: readonly string[] = [...new Set(engineVersions.map(familyOf))];

export const defaultParameterGroup = (family: string): string => `default.${family}`;

export const defaultOptionGroup = ({ engine, major }: EngineVersion): string =>
  `default:${engine}-${major.replace('.', '-')}`;

const burstable: Record<string, number> = { micro: 1, small: 2, medium: 4, large: 8, xlarge: 16, '2xlarge': 32 };

/** The memory of an instance class in bytes. */
export function classMemory(name: string): number {
  const [, family = '', size = ''] = /^(db\.[a-z0-9]+)\.(micro|small|medium|large|\d*xlarge)$/.exec(name) ?? [];
  const gibibytes = isDatabaseClass(name) ? sizeMemory(family, size) : undefined;
  if (gibibytes === undefined) throw invalidValue(`Invalid DB Instance class: ${name}`);
  return gibibytes * 2 ** 30;
}

function sizeMemory(family: string, size: string): number | undefined {
  if (family.startsWith('db.t')) return burstable[size];
  const perLarge = family.startsWith('db.r') ? 16 : 8;
  if (size === 'large') return perLarge;
  const times = /^(\d*)xlarge$/.exec(size)?.[1];
  return times === undefined ? undefined : perLarge * 2 * Number(times === '' ? 1 : times);
}
