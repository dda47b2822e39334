import type { Finding } from '../../src/model/index.ts';

/** Words that begin what somebody can run, or write. */
const STATEMENT =
  /\bCT\d{4}\b|\b(ALTER|REVOKE|GRANT|DROP|DELETE FROM|CREATE|SET|UNSET|RESET|KILL|ROLLBACK|FLUSH|UNINSTALL|RENAME|ACL|CONFIG|CLIENT|SELECT pg_\w+)\b|`\w+/;

/** Findings that an apply has left and that name no statement, no entry of the manifest and no setting with which they end. What could not be proved is no hole yet. [] is as it should be. */
export function untold(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ verdict, fix, under, why }) => verdict !== 'UNPROVEN' && fix.length === 0 && under === undefined && !STATEMENT.test(why))
    .map(({ probe, verdict, statement, why }) => `${verdict} ${probe} ${statement}: ${why}`);
}
