/** What a role of the server's own gives to its members: the probes that it opens. A role that is not listed is reported as it is. */
export const PREDEFINED: Readonly<Record<string, readonly string[]>> = {
  pg_read_all_data: ['E7', 'P01b', 'S01'],
  pg_write_all_data: ['E7', 'P01b', 'S01'],
  pg_monitor: ['E7', 'P05e', 'P07', 'P09'],
  pg_read_all_stats: ['E7', 'P05e', 'P07'],
  pg_read_all_settings: ['E7', 'P09'],
  pg_stat_scan_tables: ['E7'],
  pg_signal_backend: ['E7', 'P13'],
  pg_signal_autovacuum_worker: ['E7'],
  pg_read_server_files: ['E7', 'P14'],
  pg_write_server_files: ['E7', 'P14'],
  pg_execute_server_program: ['E7', 'P14'],
  pg_maintain: ['E7', 'S22'],
  pg_checkpoint: ['E7', 'E9'],
  pg_create_subscription: ['E7', 'E9'],
  pg_use_reserved_connections: ['E7', 'D1'],
};

/** What a session that is a superuser can do of what both halves speak of. A login that is one also gets in everywhere. */
export const EVERYTHING: readonly string[] = [
  'P02',
  'P05e',
  'P07',
  'P09',
  'P14',
  'P20',
  'P25a',
  'P03',
  'S01',
  'S10',
  'S20',
  'S21',
  'S22',
  'D3',
];
