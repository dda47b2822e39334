import type { Findings } from '../../../../engine/index.ts';
import { compile } from '../../compile/compile.ts';
import { operatorParts } from '../../kinds/operator.ts';
import { attributesOf } from '../../operators.ts';
import { ident } from '../../quote.ts';
import { isKind } from '../../spec.ts';
import { fixShared } from '../findings.ts';
import type { Principal, Role } from '../principals.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';

const ATTRIBUTES = [
  ['superuser', 'SUPERUSER'],
  ['createRole', 'CREATEROLE'],
  ['createDatabase', 'CREATEDB'],
  ['replication', 'REPLICATION'],
  ['bypassRls', 'BYPASSRLS'],
] as const;

/** An operator has what `may` says, and no attribute beyond it. What it holds elsewhere is seen where that is looked at. */
export function checkOperator(snapshot: CatalogSnapshot, findings: Findings, principal: Principal, role: Role): void {
  const { name } = principal;
  const may = new Set<string>(attributesOf(snapshot.input.operators.find((one) => one.name === name)?.may ?? []));
  for (const [key, word] of ATTRIBUTES) {
    if (!role[key] || may.has(key)) continue;
    findings.add('F2', {
      from: name,
      to: null,
      statement: `attributes of role ${name}`,
      answer: `${word}, and its words do not say so`,
      fix: fixShared(`ALTER ROLE ${ident(name)} NO${word}`),
    });
  }
  checkControl(snapshot, findings, role);
}

/** The positive half: what it is named for works. */
function checkControl(snapshot: CatalogSnapshot, findings: Findings, role: Role): void {
  const desired = compile(snapshot.input).resources.find((one) => isKind(one, 'operator') && one.address.name === role.name);
  if (!desired || !isKind(desired, 'operator') || role.superuser) return;
  const { inherited } = snapshot.memberships.reach(role.name);
  const { spec } = desired;
  const missing = operatorParts(
    role.name,
    {
      connect: spec.connect.filter((database) => snapshot.place(database) !== null && !snapshot.enters(role.name, database)),
      groups: spec.groups.filter((group) => !inherited.has(group)),
      attributes: spec.attributes.filter((attribute) => !role[attribute]),
      beyond: [],
    },
    snapshot.version,
  );
  for (const part of missing)
    findings.add('F2', {
      from: role.name,
      to: part.database === null ? null : (snapshot.place(part.database)?.target ?? part.database),
      statement: `control: ${part.field}`,
      answer: 'it has not got what the manifest says it may do',
      verdict: 'UNPROVEN',
      fix: fixShared(part.grant),
    });
}
