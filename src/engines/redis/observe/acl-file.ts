import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { type AclUser, parseAclLine } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { isLedger } from '../marks/ledger.ts';
import { lossesBetween } from '../losses.ts';
import { DEFAULT_USER } from '../names.ts';
import type { Grants } from '../rights.ts';
import type { FileDifference } from '../spec.ts';
import { sha256 } from '../../../util/canonical.ts';

export interface Reading {
  readonly input: Input;
  /** As the server has them. */
  readonly users: readonly AclUser[];
  readonly grantsOf: Grants;
  /** As whom cotenant is logged in. */
  readonly operator: string;
  /** Names of the users that the manifest asks for. */
  readonly wanted: ReadonlySet<string>;
}

/**
 * Where the file that the server starts with says other things than the server does now. null: it cannot be read from here,
 * as where the server is on another machine. A file of another server has another password for this operator.
 */
export async function fileDifferences(host: string, file: string, reading: Reading): Promise<readonly FileDifference[] | null> {
  const inFile = await usersInFile(host, file, reading);
  if (inFile === null) return null;
  const inMemory = new Map(reading.users.map((user) => [user.name, user]));
  const names = new Set([...inMemory.keys(), ...inFile.keys()]);
  names.delete(reading.operator);
  return [...names].flatMap((name) => difference(name, inFile.get(name), inMemory.get(name), reading));
}

/** The users as the server has them after its next start; null as above. */
export async function usersInFile(
  host: string,
  file: string,
  { users, operator }: Pick<Reading, 'users' | 'operator'>,
): Promise<ReadonlyMap<string, AclUser> | null> {
  if (!isAbsolute(file) || !/^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host)) return null;
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  // Somebody may have written it by hand, with more blanks. Quotes are a part of a word.
  const lines = text.split(/\r?\n/).map((line) => line.replaceAll(/[ \t]+/g, ' ').replaceAll(/^ | $/g, ''));
  const own = lines.filter((line) => /^user /i.test(line));
  const inFile = new Map(own.map((line) => parseAclLine(hashed(line))).map((user) => [user.name, user]));
  // Where nobody has written its line, the server makes the first user anew at its start: it asks for no password and may do everything.
  if (!inFile.has(DEFAULT_USER) && !lines.some((line) => /^requirepass \S/i.test(line)))
    inFile.set(DEFAULT_USER, parseAclLine(`user ${DEFAULT_USER} on nopass ~* &* +@all`));
  const mine = users.find(({ name }) => name === operator);
  return mine && mine.hashes.length > 0 && sameHashes(mine, inFile.get(operator)) ? inFile : null;
}

function difference(name: string, saved: AclUser | undefined, live: AclUser | undefined, reading: Reading): readonly FileDifference[] {
  const { input, wanted, grantsOf } = reading;
  const isOurs =
    [saved, live].some((user) => user?.mark?.project === input.project) ||
    (wanted.has(name) && input.operators.every((one) => one.name !== name));
  const ours = isOurs || (name === DEFAULT_USER && wanted.has(name));
  if (saved && live && state(saved, grantsOf) === state(live, grantsOf)) return [];
  if (!saved) {
    const isThere = live?.enabled === true || (ours && live?.mark !== null);
    return isThere ? [{ user: name, ours, more: [], grants: [], fileOnly: false, unsaved: ['all of it'] }] : [];
  }
  const more = saved.enabled ? moreIn(saved, live, grantsOf) : [];
  const unsaved = live?.enabled === true ? moreIn(live, saved, grantsOf) : [];
  if (!ours && live && more.length + unsaved.length === 0) return [];
  return [{ user: name, ours, more, grants: more.length === 0 ? [] : grantsOf(saved), fileOnly: live === undefined, unsaved }];
}

/** What the first of two states of a user gives it beyond the second. */
function moreIn(saved: AclUser, live: AclUser | undefined, grantsOf: Grants): readonly string[] {
  const has = live?.enabled === true ? grantsOf(live) : [];
  const password = saved.hashes.some((hash) => !(live?.hashes.includes(hash) ?? false));
  return [
    ...(saved.noPassword && live?.noPassword !== true ? ['connect without a password'] : []),
    ...(password ? ['connect with another password'] : []),
    ...(live?.enabled === true ? [] : ['connect']),
    ...lossesBetween(grantsOf(saved), has),
  ];
}

/** What two users are compared by. Of one that is switched off and bears no mark nothing else counts. */
function state(user: AclUser, grantsOf: Grants): string {
  const { enabled, noPassword, hashes, mark, name } = user;
  if (!enabled && mark === null) return 'off';
  const grants = isLedger(name)
    ? []
    : grantsOf(user).map(({ keys, channels, commands, databases }) => [keys, channels, commands, databases]);
  return JSON.stringify([enabled, noPassword, hashes.toSorted(), mark, grants, user.skipsSanitizing]);
}

function sameHashes(one: AclUser, other: AclUser | undefined): boolean {
  return other !== undefined && one.hashes.length === other.hashes.length && one.hashes.every((hash) => other.hashes.includes(hash));
}

/** A line that somebody wrote may hold a password as it is. */
function hashed(line: string): string {
  return line
    .split(' ')
    .map((word) => (word.startsWith('>') ? `#${sha256(word.slice(1))}` : word))
    .join(' ');
}
