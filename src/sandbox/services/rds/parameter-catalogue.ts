/**
 * The database parameters RDS knows that matter to recovery, and what each is in MariaDB. A parameter without a `variable` is stored
 * and shown and doesn't reach the server: MariaDB has no such thing (MySQL's GTID modes), or the machine is too small for it.
 */

export interface ParameterDefinition {
  readonly name: string;
  readonly type: 'static' | 'dynamic';
  readonly data: 'boolean' | 'integer' | 'string';
  readonly allowed?: string;
  /** RDS's default, formulas included; undefined leaves the engine's own. */
  readonly preset?: string;
  /** MariaDB's variable of the same meaning. */
  readonly variable?: string;
  /** Whether it is SQL, which may hold any character. */
  readonly statements?: true;
  /** `mysql` or `mariadb`; both unless said. */
  readonly only?: 'mysql' | 'mariadb';
}

const boolean = '0,1';
const onOff = 'ON,OFF';
const isolations = 'READ-UNCOMMITTED,READ-COMMITTED,REPEATABLE-READ,SERIALIZABLE';

export const parameterCatalogue: readonly ParameterDefinition[] = [
  live('autocommit', 'boolean', boolean),
  live('binlog_format', 'string', 'ROW,STATEMENT,MIXED', 'MIXED'),
  live('binlog_row_image', 'string', 'full,minimal,noblob', 'full'),
  live('binlog_row_metadata', 'string', 'full,minimal', 'minimal'),
  live('character_set_server', 'string', 'utf8mb4,utf8mb3,latin1,ascii,binary'),
  live('collation_server', 'string'),
  live('connect_timeout', 'integer', '2-31536000'),
  // MySQL 8.0 has it on from the start, MariaDB off.
  { ...live('event_scheduler', 'string', onOff, 'ON'), only: 'mysql' },
  { ...live('event_scheduler', 'string', onOff), only: 'mariadb' },
  { name: 'explicit_defaults_for_timestamp', type: 'dynamic', data: 'boolean', allowed: boolean, preset: '1' },
  {
    name: 'gtid-mode',
    type: 'static',
    data: 'string',
    allowed: 'OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON',
    preset: 'OFF_PERMISSIVE',
    only: 'mysql',
  },
  {
    name: 'enforce_gtid_consistency',
    type: 'static',
    data: 'string',
    allowed: 'OFF,WARN,ON',
    preset: 'OFF',
    only: 'mysql',
  },
  { ...live('gtid_strict_mode', 'boolean', boolean), only: 'mariadb' },
  { name: 'general_log', type: 'dynamic', data: 'boolean', allowed: boolean, preset: '0' },
  { ...live('init_connect', 'string'), statements: true },
  {
    name: 'innodb_buffer_pool_size',
    type: 'dynamic',
    data: 'integer',
    allowed: '5242880-9223372036854775807',
    preset: '{DBInstanceClassMemory*3/4}',
  },
  { name: 'innodb_flush_log_at_trx_commit', type: 'dynamic', data: 'integer', allowed: '0-2', preset: '1' },
  live('innodb_lock_wait_timeout', 'integer', '1-1073741824'),
  live('interactive_timeout', 'integer', '1-31536000'),
  live('local_infile', 'boolean', boolean),
  {
    name: 'log_bin_trust_function_creators',
    type: 'dynamic',
    data: 'boolean',
    allowed: boolean,
    variable: 'log_bin_trust_function_creators',
  },
  { name: 'log_output', type: 'dynamic', data: 'string', allowed: 'TABLE,FILE,NONE' },
  live('long_query_time', 'integer', '0-31536000'),
  { ...live('lower_case_table_names', 'integer', '0,1'), type: 'static' },
  live('max_allowed_packet', 'integer', '1024-1073741824'),
  live('max_binlog_size', 'integer', '4096-1073741824', '134217728'),
  live('max_connections', 'integer', '1-100000', '{DBInstanceClassMemory/12582880}'),
  live('net_read_timeout', 'integer', '1-31536000'),
  live('net_write_timeout', 'integer', '1-31536000'),
  { name: 'performance_schema', type: 'static', data: 'boolean', allowed: boolean },
  live('read_only', 'string', '0,1,{TrueIfReplica}', '{TrueIfReplica}'),
  { name: 'replica_parallel_workers', type: 'dynamic', data: 'integer', allowed: '0-1024', only: 'mysql' },
  { name: 'replica_preserve_commit_order', type: 'dynamic', data: 'boolean', allowed: boolean, only: 'mysql' },
  { name: 'require_secure_transport', type: 'dynamic', data: 'boolean', allowed: boolean, preset: '0' },
  live('sql_mode', 'string'),
  live('slave_net_timeout', 'integer', '1-31536000'),
  { name: 'slow_query_log', type: 'dynamic', data: 'boolean', allowed: boolean, preset: '0' },
  { name: 'sync_binlog', type: 'dynamic', data: 'integer', allowed: '0-4294967295', preset: '1' },
  // Other zones need tables that the distribution doesn't fill.
  { name: 'time_zone', type: 'dynamic', data: 'string', allowed: 'UTC', preset: 'UTC' },
  { ...live('tx_isolation', 'string', isolations), only: 'mariadb' },
  { ...live('transaction_isolation', 'string', isolations), variable: 'tx_isolation', only: 'mysql' },
  live('wait_timeout', 'integer', '1-31536000'),
];

export function parametersOf(family: string): readonly ParameterDefinition[] {
  const engine = family.startsWith('mariadb') ? 'mariadb' : 'mysql';
  return parameterCatalogue.filter((one) => one.only === undefined || one.only === engine);
}

/** A range (`1-100`) or a list (`0,1`); case doesn't matter in words. */
export function isAllowed({ data, allowed, statements }: ParameterDefinition, value: string): boolean {
  if (statements === true) return value !== '';
  if (allowed === undefined) return /^[\w+:.,/ -]{1,500}$/.test(value);
  const [, least, most] = /^(\d+)-(\d+)$/.exec(allowed) ?? [];
  if (least !== undefined && most !== undefined) {
    return data === 'integer' && /^\d+$/.test(value) && BigInt(value) >= BigInt(least) && BigInt(value) <= BigInt(most);
  }
  return allowed.toLowerCase().split(',').includes(value.toLowerCase());
}

/** A dynamic parameter that is the same thing under the same name in MariaDB. */
function live(name: string, data: ParameterDefinition['data'], allowed?: string, preset?: string): ParameterDefinition {
  return {
    name,
    type: 'dynamic',
    data,
    variable: name,
    ...(allowed === undefined ? {} : { allowed }),
    ...(preset === undefined ? {} : { preset }),
  };
}
