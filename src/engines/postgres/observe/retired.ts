import { type Acl, parseAcl } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import type { Mark } from '../marks/mark.ts';
import type { Owners } from '../judge/owners.ts';
import type { DatabaseRow, SharedRows } from '../queries/shared.ts';
import { acceptedLogins, type Retired, type RetiredSpec } from '../retire/retired-spec.ts';

/** One more thing that is put aside. */
export function retired(
  input: Input,
  mark: Mark,
  name: string,
  spec: Partial<RetiredSpec> & Omit<RetiredSpec, 'role' | 'guests' | 'connecting'>,
): Retired {
  const whole = { role: null, guests: [], connecting: [], ...spec };
  return {
    address: { engine: 'postgres', instance: input.name, kind: 'retired', name },
    app: mark.app,
    spec: whole,
    owned: mark.project === input.project,
    kept: whole.guests.length + whole.connecting.length === 0 && whole.largeObjects === undefined,
  };
}

/** Who may enter a retired database by its access list. */
export function visitors(
  [, owner, , , , , allows, , items]: DatabaseRow,
  mark: Mark,
  { input, rows, owners }: { readonly input: Input; readonly rows: SharedRows; readonly owners: Owners },
): Pick<RetiredSpec, 'guests' | 'connecting'> {
  if (!allows) return { guests: [], connecting: [] };
  const acl: Acl = items === null ? { '': 'Tc' } : parseAcl(items);
  const trusted = new Set([...rows.roles.filter((row) => row[3]).map(([name]) => name), rows.server[0]?.[0], ...acceptedLogins(input)]);
  const others = Object.entries(acl).filter(([name]) => name !== owner && !trusted.has(name) && !owners.accepted.has(name));
  const isOwn = (name: string): boolean => owners.role(name)?.app === mark.app;
  return {
    guests: others.filter(([name]) => !isOwn(name)).map(([name]) => name),
    connecting: others.filter(([name, letters]) => isOwn(name) && letters.includes('c')).map(([name]) => name),
  };
}
