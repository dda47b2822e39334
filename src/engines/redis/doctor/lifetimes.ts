import type { Lifetimes } from '../../../engine/index.ts';

/** Last days of the versions of each product, the newest first. */
export const lifetimes: Readonly<Record<'redis' | 'valkey', Lifetimes>> = {
  redis: {
    title: 'Redis',
    source: 'https://endoflife.date/redis',
    read: '2026-08-22',
    ends: [
      ['8.10', null],
      ['8.8', null],
      ['8.6', null],
      ['8.4', null],
      ['8.2', '2030-09-01'],
      ['8.0', '2026-12-01'],
      ['7.4', '2029-12-01'],
      ['7.2', '2029-12-01'],
      ['7.0', '2024-07-29'],
      ['6.2', '2027-04-01'],
      ['6.0', '2022-05-31'],
    ],
  },
  valkey: {
    title: 'Valkey',
    source: 'https://endoflife.date/valkey',
    read: '2026-08-22',
    ends: [
      ['9.1', null],
      ['9.0', '2028-10-21'],
      ['8.1', '2030-03-31'],
      ['8.0', '2027-09-15'],
      ['7.2', '2029-04-16'],
    ],
  },
};
