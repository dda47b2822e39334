import type { Resource } from '../../model/index.ts';
import { insideOf } from './inside.ts';
import type { Facts } from './kinds/kind.ts';
import { isKind } from './spec.ts';

/** Why this admin cannot build this wall, in words for the plan; null: it can. Roles lose single settings instead, see kinds/role.ts. */
export function buildable(resource: Resource, facts: Facts): string | null {
  if (facts.superuser) return null;
  const { name } = resource.address;
  if (isKind(resource, 'perimeter'))
    return `only the owner of database "${name}" or a superuser can take CONNECT and TEMPORARY on it from PUBLIC`;
  if (isKind(resource, 'builtin')) return `only a superuser can take server functions from PUBLIC (${name})`;
  if (isKind(resource, 'schema') && insideOf(name)[1] === 'public' && facts.version < 150000) {
    return `before PostgreSQL 15 the schema public belongs to the superuser (${name}): PUBLIC keeps USAGE and CREATE in it, behind the wall of CONNECT`;
  }
  return null;
}
