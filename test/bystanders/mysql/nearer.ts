import { may, reads } from './others.ts';
import { accountOf, act, type Builder, createUser, escaped, ident, tableOf } from './world.ts';

/** Somebody who may do more from everywhere than from one machine: the row for that machine stands before the other. */
const nearer: Builder = (piece) => {
  const { id, how, databases } = piece;
  const table = tableOf(piece);
  const near = accountOf(id, '127.0.0.1');
  const far = accountOf(id, '%', '127.0.1.7');
  const wide = 'SELECT, INSERT, UPDATE, DELETE';
  const on = (one: string, isFar: boolean): string => {
    if (how === 'table') return `${ident(one)}.${ident(table)}`;
    return how === (isFar ? 'far-pattern' : 'near-pattern') ? `${ident(`${one.slice(0, 3)}%`)}.*` : `${escaped(one)}.*`;
  };
  return {
    script: [
      createUser(near),
      createUser(far),
      ...databases.flatMap((one) => [may(wide, on(one, true), far), may('SELECT', on(one, false), near)]),
    ],
    logins: [near, far],
    acts: databases.flatMap((one) => [
      reads(near, one, table),
      reads(far, one, table),
      { ...act(near, `clears ${table} of "${one}"`, `DELETE FROM ${ident(one)}.${ident(table)} WHERE id < 0`), forbidden: true },
    ]),
  };
};

export const nearby: Readonly<Record<string, Builder>> = { nearer };
