/** The sandbox's names: who answers for which, and how a question is answered in full, aliases followed. */

import type { DnsAnswer, DnsQuestion, Place } from '../contract.ts';

export type Answerer = (question: DnsQuestion) => DnsAnswer | undefined;

/** A resource record, or a run of them with one owner name. */
export interface RecordSet {
  readonly name: string;
  readonly type: DnsQuestion['type'];
  readonly ttl: number;
  readonly values: readonly string[];
}

const longestAliasChain = 8;

export class Names {
  readonly #names = new Map<string, Answerer>();
  readonly #zones = new Map<string, Answerer>();

  name(name: string, answer: Answerer): void {
    this.#names.set(canonical(name), answer);
  }

  zone(suffix: string, answer: Answerer): void {
    this.#zones.set(canonical(suffix), answer);
  }

  unname(name: string): void {
    this.#names.delete(canonical(name));
  }

  resolve(name: string, type: DnsQuestion['type'], from: Place): DnsAnswer | undefined {
    const records = this.lookUp(name, type, from);
    if (records === undefined) return undefined;
    const last = records.at(-1);
    const ttl = Math.min(...records.map((record) => record.ttl));
    return last?.type === type ? { ttl, values: last.values } : { ttl: records.length === 0 ? 0 : ttl, values: [] };
  }

  /** The records that answer a question, aliases first. Undefined: no such name. Empty: the name has none of this type. */
  lookUp(name: string, type: DnsQuestion['type'], from: Place): RecordSet[] | undefined {
    const records: RecordSet[] = [];
    let owner = canonical(name);
    for (let step = 0; step < longestAliasChain; step++) {
      const answer = this.#ask({ name: owner, type, from });
      if (answer !== undefined && answer.values.length > 0) {
        records.push({ name: owner, type, ...answer });
        return records;
      }
      const alias = type === 'CNAME' ? undefined : this.#ask({ name: owner, type: 'CNAME', from });
      const next = alias?.values[0];
      if (alias === undefined || next === undefined) {
        return answer === undefined && alias === undefined && records.length === 0 ? undefined : records;
      }
      records.push({ name: owner, type: 'CNAME', ttl: alias.ttl, values: [next] });
      owner = canonical(next);
    }
    return records;
  }

  #ask(question: DnsQuestion): DnsAnswer | undefined {
    const exact = this.#names.get(question.name);
    if (exact !== undefined) return exact(question);
    for (let suffix = question.name; suffix !== ''; suffix = parentOf(suffix)) {
      const zone = this.#zones.get(suffix);
      if (zone !== undefined) return zone(question);
    }
    return undefined;
  }
}

export const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '');

function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}
