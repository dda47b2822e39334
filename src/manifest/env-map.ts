import type { Path } from '../model/index.ts';
import type { AppNode } from './apps.ts';
import { isSecretKey } from './mask.ts';
import { asText, entriesOf, member, type Node } from './node.ts';
import type { EnvDecl } from './types.ts';

/** A part of a text under `env` that stands for something of the app: `{database}`, `{main.host}`, `{DATABASE_URL}`. */
export const envToken = /\{([A-Za-z_][\w-]*(?:\.[A-Za-z_]\w*)?)\}/g;

/** The variables that an app names itself. */
export function envOf({ node, path }: AppNode): readonly EnvDecl[] {
  return envIn(member(node, 'env'), [...path, 'env']);
}

/** The variables of one map. */
export function envIn(map: Node | undefined, path: Path): readonly EnvDecl[] {
  return entriesOf(map).flatMap(([name, entry]): EnvDecl[] => {
    const said = declOf(entry.node);
    return said === null ? [] : [{ name, ...said, path: [...path, name] }];
  });
}

/** True for a value under `env` of an app, whose text may hold a password by reference only. */
export function isEnvPath(path: Path): boolean {
  return (path[0] === 'apps' || path[0] === 'teams') && path[2] === 'env';
}

/** Why a fixed text may not stand in the file: its name says that it is a secret. */
export function isWrittenSecret({ name, fixed, secret }: EnvDecl): boolean {
  return fixed && !secret && isSecretKey(name);
}

function declOf(node: Node): Omit<EnvDecl, 'name' | 'path'> | null {
  const value = member(node, 'value');
  if (value !== undefined) return fixedOf(value);
  if (node.kind !== 'scalar' || node.env === 'whole' || typeof node.value !== 'string') return fixedOf(node);
  // Nobody can tell a reference from what the environment holds.
  const mixed = node.env !== undefined && node.value.search(envToken) !== -1;
  return node.env === undefined || mixed ? { text: node.value, fixed: false, secret: mixed } : fixedOf(node);
}

/** What comes from the environment may be a secret, and is never read for references. */
function fixedOf(node: Node): Omit<EnvDecl, 'name' | 'path'> | null {
  if (node.kind !== 'scalar' || node.value === null) return null;
  return { text: asText(node) ?? String(node.value), fixed: true, secret: node.env !== undefined };
}
