import type { Alert } from '../../../engine/index.ts';

/** At 2^31 the server takes no more writes. */
export const alerts: readonly Alert[] = [
  {
    name: 'XidWraparoundNear',
    expr: 'cotenant_postgres_xid_age > 5e8',
    for: '1h',
    severity: 'warning',
    says: 'has transaction numbers that vacuum does not reach',
    run: 'cotenant doctor',
  },
  {
    name: 'XidWraparound',
    expr: 'cotenant_postgres_xid_age > 1.5e9',
    for: '5m',
    severity: 'page',
    says: 'will soon take no more writes: transaction numbers are used up',
    run: 'cotenant doctor',
  },
  {
    name: 'ArchiveFails',
    expr: 'increase(cotenant_postgres_archive_failures[30m]) > 0',
    for: '30m',
    severity: 'page',
    says: 'cannot archive its log',
    run: 'cotenant doctor',
  },
];
