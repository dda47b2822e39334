import type { Findings } from '../../../engine/index.ts';
import type { HbaRow } from './catalog-shared.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

const RELOAD = 'then SELECT pg_catalog.pg_reload_conf()';

/** pg_hba.conf as the server reads it: who may come in without proof, and from where. */
export function checkHba(snapshot: CatalogSnapshot, findings: Findings): void {
  const rules = snapshot.shared.hba;
  if (rules === null) {
    findings.unproven(
      'H1',
      'pg_hba_file_rules',
      'permission denied for this admin',
      'a line that lets logins in without a password would not be seen',
      snapshot.limits.unread('pg_hba'),
    );
    return;
  }
  for (const rule of rules) {
    findings.judged += 1;
    checkRule(findings, rule);
  }
  // What can be read is the file; what is in force is what the server read of it.
  if (snapshot.shared.hbaChanged === true)
    findings.unproven(
      'H1',
      'pg_hba.conf',
      'it was written after the server last read it',
      'the lines in force are those from before, which nobody can read; SELECT pg_catalog.pg_reload_conf() brings those of the file into force',
    );
}

function checkRule(findings: Findings, rule: HbaRow): void {
  const [line, type, databases, users, address, netmask, method, broken] = rule;
  const statement = `pg_hba.conf, line ${line}`;
  if (broken !== null) {
    findings.unproven('H1', statement, 'the line cannot be read by the server', 'what it was meant to refuse is not refused');
    return;
  }
  if (type === null || method === null || method === 'reject') return;
  const text = [type, databases?.join(','), users?.join(','), address, netmask, method].filter(Boolean).join(' ');
  const put = (id: string, why: string): void =>
    findings.add(id, { from: null, to: null, statement, answer: text, why: `${why} Correct the line by hand, ${RELOAD}.` });
  const remote = type !== 'local';
  if (method === 'trust') put('H1', 'Everybody whom the line matches is whoever they say they are, without a password.');
  else if (method === 'ident' && remote) put('H1', 'The other machine says who somebody is.');
  else if (method === 'password' && type !== 'hostssl' && type !== 'hostgssenc' && remote)
    put('H1', 'The password crosses the network in clear.');
  else if (method === 'md5') put('H2', 'An MD5 verifier is as good as the password.');
  const everybody = users?.includes('all') === true;
  if (!remote || !everybody || !isAnywhere(address, netmask)) return;
  if (databases?.includes('replication')) put('H3', 'A replication connection may be opened from everywhere.');
  if (databases?.includes('all') && method !== 'cert')
    put('P38', 'Any login may try any database from any address, so CONNECT is the only wall and passwords can be guessed.');
}

function isAnywhere(address: string | null, netmask: string | null): boolean {
  if (address === 'all') return true;
  return netmask === '0.0.0.0' || netmask === '::';
}
