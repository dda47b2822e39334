import type { Diagnostic, Resource } from '../../../model/index.ts';
import type { SharedRows } from '../queries/shared.ts';
import { isKind } from '../spec.ts';

/** Passwords that the server keeps in a form that is as good as the password itself. */
export function weakVerifiers(instance: string, rows: SharedRows, desired: readonly Resource[]): readonly Diagnostic[] {
  const out: Diagnostic[] = [];
  const warn = (message: string, hint: string, path?: Resource['path']): void => {
    out.push({ code: 'CT2022', severity: 'warning', message, hint, instance, ...(path ? { path } : {}) });
  };
  if (rows.server[0]?.[8] === 'md5') {
    warn(
      `"${instance}" stores new passwords as MD5 (password_encryption)`,
      "set password_encryption to scram-sha-256 on the server; cotenant's own logins have SCRAM verifiers either way",
    );
  }
  const ours = new Map(desired.filter((one) => isKind(one, 'role')).map((one) => [one.address.name, one]));
  const foreign: string[] = [];
  for (const row of rows.roles) {
    if (!row[1] || row[11]?.startsWith('md5') !== true) continue;
    const one = ours.get(row[0]);
    if (one)
      warn(
        `the password of login "${row[0]}" is stored as MD5: anybody who reads it can log in with it`,
        'set the password again, or remove `adopt` from the placement: cotenant then creates a new one',
        one.path,
      );
    else foreign.push(row[0]);
  }
  if (foreign.length > 0)
    warn(
      `the passwords of logins that are not in this manifest are stored as MD5: ${foreign.join(', ')}`,
      'set them again with password_encryption = scram-sha-256',
    );
  return out;
}
