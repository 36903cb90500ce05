/** Parameters of each Region, and how one is found by name, version or label. */

import type { SandboxCore, Table } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { lowerBound } from '../../lower-bound.ts';
import { under } from './filters.ts';
import type { Selected } from './names.ts';
import { parameterArn, parseSelected } from './names.ts';
import { isPublic, publicArn, publicParameters } from './public-parameters.ts';
import type { ParameterRecord, ParameterVersion } from './records.ts';
import { current } from './records.ts';

export interface Found {
  readonly record: ParameterRecord;
  readonly version: ParameterVersion;
  readonly selector: string | undefined;
}

export class ParameterStore {
  readonly core: SandboxCore;

  constructor(core: SandboxCore) {
    this.core = core;
  }

  table(region: string): Table<ParameterRecord> {
    return this.core.table('ssm', region, 'parameters');
  }

  arn(region: string, name: string): string {
    return isPublic(name) ? publicArn(region, name) : parameterArn(region, this.core.account, name);
  }

  now(region: string): number {
    return this.core.region(region).clock.now();
  }

  /** A parameter by its name; throws ParameterNotFound. */
  get(region: string, name: string): ParameterRecord {
    const record = this.table(region).get(name) ?? publicParameters.find((one) => one.name === name);
    if (record === undefined) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
    return record;
  }

  find(region: string, given: string | undefined): Found {
    const selected = parseSelected(given);
    const record = this.get(region, this.#named(region, given, selected.name));
    return { record, version: select(record, selected), selector: selected.selector };
  }

  /** An ARN doesn't tell `name` from `/name`, and names a Region. */
  #named(region: string, given: string | undefined, name: string): string {
    if (given?.startsWith('arn:') !== true) return name;
    const home = given.split(':')[3];
    if (home !== region) throw new AwsError('ParameterNotFound', `Parameter ${name} is in ${home}, not in ${region}.`);
    return this.table(region).has(`/${name}`) ? `/${name}` : name;
  }

  /**
   * The Region's parameters under a path (which ends in a slash), in order, from those after a name on. Public ones, whose names nobody
   * else can have, are walked only by those who ask for them.
   */
  *walk(region: string, path: string, recursive: boolean, after: string): Generator<ParameterRecord> {
    if (path.startsWith('/aws/')) {
      yield* publicParameters.filter(({ name }) => name > after && under(name, path, recursive));
      return;
    }
    const table = this.table(region);
    const names = table.sortedKeys(byName);
    // Names without a slash are under the root, wherever they sort.
    const start = path === '/' || after > path ? after : path;
    for (let at = lowerBound(names, (name) => name < start); at < names.length; at++) {
      const name = names[at] ?? '';
      if (path !== '/' && !name.startsWith(path)) return;
      const record = name > after && under(name, path, recursive) ? table.get(name) : undefined;
      if (record !== undefined) yield record;
    }
  }
}

const byName = (left: string, right: string): number => (left < right ? -1 : 1);

function select(record: ParameterRecord, { name, selector }: Selected): ParameterVersion {
  if (selector === undefined) return current(record);
  const found = record.versions.find((one) =>
    /^\d+$/.test(selector) ? one.version === Number(selector) : one.labels.includes(selector),
  );
  if (found !== undefined) return found;
  throw new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
  );
}
