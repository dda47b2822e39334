import type { Lifetimes } from '../../../engine/index.ts';

/** Last days of the major versions, the newest first. */
export const lifetimes: Lifetimes = {
  title: 'PostgreSQL',
  source: 'https://endoflife.date/postgresql',
  read: '2026-08-22',
  ends: [
    ['18', '2030-11-14'],
    ['17', '2029-11-08'],
    ['16', '2028-11-09'],
    ['15', '2027-11-11'],
    ['14', '2026-11-12'],
    ['13', '2025-11-13'],
    ['12', '2024-11-21'],
  ],
};
