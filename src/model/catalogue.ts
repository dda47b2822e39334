import { backupCodes } from './catalogue-backup.ts';
import { manifestCodes } from './catalogue-manifest.ts';
import { migrateCodes } from './catalogue-migrate.ts';
import { planCodes } from './catalogue-plan.ts';
import { renderCodes } from './catalogue-render.ts';
import { runCodes } from './catalogue-run.ts';
import { secretCodes } from './catalogue-secrets.ts';
import { serveCodes } from './catalogue-serve.ts';
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

export type Codes = Readonly<Record<string, CatalogueEntry>>;

/**
 * Codes that core gives, or more than one engine. CT1 manifest · CT2 desired state and plan · CT3 connection and engine · CT4 apply ·
 * CT5 secrets and environment · CT6 local servers and verify · CT9 the program itself. Numbers are unique over all engines.
 */
export const coreCodes: Codes = {
  ...manifestCodes,
  ...planCodes,
  ...runCodes,
  ...renderCodes,
  ...migrateCodes,
  ...backupCodes,
  ...serveCodes,
  ...serverCodes,
  ...secretCodes,
};
