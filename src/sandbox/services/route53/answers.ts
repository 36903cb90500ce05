/**
 * What the name servers answer: the data plane. It reads only what is served, the health checks' verdicts and the targets' health, runs
 * on no Region's clock, and goes on while any Region, the control plane's included, is dark.
 */

import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { DnsAnswer, DnsQuestion, SandboxCore } from '../../contract.ts';
import { fullName, route53Tables, type ZoneRow } from './rows.ts';

/** Seconds; not settable. An alias lives as long as what it points at, which for load balancers is as long. */
const aliasTtl = 60;
const longestAliasChain = 8;

export interface Health {
  check(id: string): boolean;
  /** Of an alias target outside Route 53, by its DNS name. */
  target(dnsName: string): boolean;
}

export class Answers {
  readonly #core: SandboxCore;
  readonly #health: Health;
  readonly #suffixes = new Set<string>();

  constructor(core: SandboxCore, health: Health) {
    this.#core = core;
    this.#health = health;
  }

  /** Begins to answer for a zone's name. A deleted zone's name answers nothing any more. */
  serve(zone: ZoneRow): void {
    const suffix = zone.name.slice(0, -1);
    if (this.#suffixes.has(suffix)) return;
    this.#suffixes.add(suffix);
    this.#core.network.zone(suffix, (question) => this.#answer(zone.name, question));
  }

  #answer(zoneName: string, question: DnsQuestion): DnsAnswer | undefined {
    const { zones, served } = route53Tables(this.#core);
    // Of two zones with one name, the older one is delegated to.
    const zone = zones.values().find(({ name }) => name === zoneName);
    if (zone === undefined) return undefined;
    const records = served(zone.id).values();
    const sets = setsAt(records, fullName(question.name));
    if (sets === undefined) return undefined;
    const chosen = this.#choose(
      sets.filter(({ Type }) => Type === question.type),
      records,
    );
    return chosen === undefined ? { ttl: 0, values: [] } : this.#valuesOf(chosen, question, records, 0);
  }

  #choose(sets: readonly ResourceRecordSet[], zone: readonly ResourceRecordSet[]): ResourceRecordSet | undefined {
    const healthy = sets.filter((set) => this.#isHealthy(set, zone, 0));
    if (sets.some(({ Failover }) => Failover !== undefined)) {
      const named = (among: readonly ResourceRecordSet[], role: string): ResourceRecordSet | undefined =>
        among.find(({ Failover }) => Failover === role);
      // With nobody healthy Route 53 answers the primary: it fails open.
      return named(healthy, 'PRIMARY') ?? named(healthy, 'SECONDARY') ?? named(sets, 'PRIMARY') ?? sets[0];
    }
    if (sets.some(({ Weight }) => Weight !== undefined)) return this.#weighted(healthy.length > 0 ? healthy : sets);
    return sets[0];
  }

  #weighted(sets: readonly ResourceRecordSet[]): ResourceRecordSet | undefined {
    const total = sets.reduce((sum, { Weight = 0 }) => sum + Weight, 0);
    if (total === 0) return sets[Math.floor(this.#core.random.next() * sets.length)];
    let left = this.#core.random.next() * total;
    return sets.find(({ Weight = 0 }) => {
      left -= Weight;
      return left < 0;
    });
  }

  /** A set with neither a health check nor an evaluated target counts as healthy. */
  #isHealthy(set: ResourceRecordSet, zone: readonly ResourceRecordSet[], depth: number): boolean {
    if (set.HealthCheckId !== undefined && !this.#health.check(set.HealthCheckId)) return false;
    if (set.AliasTarget?.EvaluateTargetHealth !== true) return true;
    const target = fullName(set.AliasTarget.DNSName);
    const inZone = zone.filter(({ Name, Type }) => Name === target && Type === set.Type);
    if (inZone.length === 0) return this.#health.target(target.slice(0, -1));
    return depth < longestAliasChain && inZone.some((one) => this.#isHealthy(one, zone, depth + 1));
  }

  #valuesOf(
    set: ResourceRecordSet,
    question: DnsQuestion,
    zone: readonly ResourceRecordSet[],
    depth: number,
  ): DnsAnswer {
    const { AliasTarget, TTL = aliasTtl, ResourceRecords = [] } = set;
    if (AliasTarget === undefined) {
      return {
        ttl: TTL,
        values: ResourceRecords.map(({ Value = '' }) => (set.Type === 'TXT' ? unquoted(Value) : Value)),
      };
    }
    const target = fullName(AliasTarget.DNSName);
    const inZone = zone.filter(({ Name, Type }) => Name === target && Type === set.Type);
    const chosen = depth < longestAliasChain ? this.#choose(inZone, zone) : undefined;
    if (chosen !== undefined) return this.#valuesOf(chosen, question, zone, depth + 1);
    const found = this.#core.network.resolve(target.slice(0, -1), question.type, question.from);
    return found ?? { ttl: aliasTtl, values: [] };
  }
}

/** The record sets of a name, or of the wildcard that stands for it; undefined when there is no such name. */
function setsAt(records: readonly ResourceRecordSet[], name: string): readonly ResourceRecordSet[] | undefined {
  const exact = records.filter((record) => record.Name === name);
  if (exact.length > 0) return exact;
  if (records.some((record) => record.Name?.endsWith(`.${name}`))) return [];
  for (let parent = parentOf(name); parent !== ''; parent = parentOf(parent)) {
    const wild = records.filter((record) => record.Name === `*.${parent}` || record.Name === `\\052.${parent}`);
    if (wild.length > 0) return wild;
  }
  return undefined;
}

const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1);

/** `"one" "two"` is one text, onetwo. */
const unquoted = (value: string): string =>
  [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1')).join('') || value;
