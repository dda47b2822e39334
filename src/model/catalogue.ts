import { manifestCodes } from './catalogue-manifest.ts';
import { neighbourCodes } from './catalogue-neighbours.ts';
import { othersCodes } from './catalogue-others.ts';
import { planCodes } from './catalogue-plan.ts';
import { runCodes } from './catalogue-run.ts';
import { secretCodes } from './catalogue-secrets.ts';
import { serverCodes } from './catalogue-servers.ts';

/** What a code of a diagnostic means. */
export interface CatalogueEntry {
  /** A few words, without a full stop. */
  readonly title: string;
  /** Why it is said, and what it protects from. */
  readonly explanation: string;
  /** What to do about it. */
  readonly hint?: string;
}

/**
 * Every code, in order. CT1 manifest · CT2 desired state and plan · CT3 connection and engine · CT4 apply · CT5 secrets and environment ·
 * CT6 local servers and verify · CT9 the program itself.
 */
export const catalogue: Readonly<Record<string, CatalogueEntry>> = Object.fromEntries(
  Object.entries({
    ...manifestCodes,
    ...planCodes,
    ...othersCodes,
    ...neighbourCodes,
    ...runCodes,
    ...serverCodes,
    ...secretCodes,
  }).sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** The entry of a code, written as `CT1203`, `ct1203` or `1203`; null: there is none. */
export function explain(code: string): (CatalogueEntry & { readonly code: string }) | null {
  const digits = /^(?:CT)?(\d{4})$/i.exec(code.trim())?.[1];
  const full = digits === undefined ? '' : `CT${digits}`;
  const entry = Object.entries(catalogue).find(([one]) => one === full)?.[1];
  return entry ? { code: full, ...entry } : null;
}
