import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { textIn } from './folder.ts';
import type { Numbered } from './numbered.ts';

/** What a changelog has, in its order: sets of changes, and other changelogs. */
type Item =
  | { readonly id: string; readonly author: string }
  | { readonly include: string; readonly beside: boolean; readonly all: boolean };

/** Where paths begin, and whose changelog it is. */
interface Around {
  readonly root: string;
  readonly app: string;
  readonly seen: Set<string>;
}

/** The changesets of a changelog of Liquibase and of those that it includes. Ids are as its ledger has them: file, id and author. */
export async function changesetsIn(file: string, around: Around): Promise<readonly Numbered[]> {
  const { root, app, seen } = around;
  if (seen.has(file)) return [];
  seen.add(file);
  const path = relative(root, file);
  const found: Numbered[] = [];
  for (const item of itemsIn(file, await textIn(file, app))) {
    if ('id' in item) found.push({ id: changesetId(path, item.id, item.author), file, checksum: null });
    else for (const one of await includedBy(file, item, root)) found.push(...(await changesetsIn(one, around)));
  }
  return found;
}

export function changesetId(path: string, id: string, author: string): string {
  return `${path.replace(/^(?:classpath:|\.?\/)+/, '')}::${id}::${author}`;
}

async function includedBy(
  file: string,
  { include, beside, all }: Extract<Item, { include: string }>,
  root: string,
): Promise<readonly string[]> {
  const path = join(beside ? dirname(file) : root, include.replace(/^classpath:/, ''));
  if (!all) return [path];
  const names = await readdir(path, { recursive: true }).catch(() => []);
  return names
    .filter((name) => /\.(?:sql|xml|ya?ml|json)$/.test(name))
    .toSorted()
    .map((name) => join(path, name));
}

function itemsIn(file: string, text: string): readonly Item[] {
  if (file.endsWith('.xml')) return ofXml(text);
  if (/\.(?:ya?ml|json)$/.test(file)) return ofTree(parsed(text));
  return [...text.matchAll(/^\s*--\s*changeset\s+("[^"]+"|[^\s:]+):("[^"]+"|\S+)/gim)].map(([, author = '', id = '']) => ({
    author: bare(author),
    id: bare(id),
  }));
}

function ofXml(text: string): readonly Item[] {
  const plain = text.replaceAll(/<!--[\s\S]*?-->/g, '');
  return [...plain.matchAll(/<(?:\w+:)?(changeSet|includeAll|include)\b([^>]*)>/g)].map(([, element, attributes = '']) => {
    const of = (name: string): string => new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(attributes)?.[1] ?? '';
    if (element === 'changeSet') return { id: of('id'), author: of('author') };
    const all = element === 'includeAll';
    return { include: of(all ? 'path' : 'file'), beside: of('relativeToChangelogFile') === 'true', all };
  });
}

function ofTree(tree: unknown): readonly Item[] {
  const list = member(tree, 'databaseChangeLog');
  return (Array.isArray(list) ? list : []).flatMap((entry: unknown): readonly Item[] => {
    const set = member(entry, 'changeSet');
    if (set !== undefined) return [{ id: textAt(set, 'id'), author: textAt(set, 'author') }];
    const [one, all] = [member(entry, 'include'), member(entry, 'includeAll')];
    const said = one ?? all;
    if (said === undefined) return [];
    return [
      {
        include: textAt(said, one === undefined ? 'path' : 'file'),
        beside: textAt(said, 'relativeToChangelogFile') === 'true',
        all: one === undefined,
      },
    ];
  });
}

function parsed(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch {
    return null;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}

function textAt(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
}

const bare = (text: string): string => text.replaceAll(/^"|"$/g, '');
