import { join } from 'node:path';

/** The checkout. */
export const checkout = join(import.meta.dirname, '../..');

/** What is kept between runs: unpacked servers, templates of data folders. */
export const cache = process.env['COTENANT_CACHE'] ?? join(checkout, '.cache');
