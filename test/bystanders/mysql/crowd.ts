import { may, reads } from './others.ts';
import { accountOf, act, type Builder, createUser, escaped, ident, rowsOf, tableOf, text, who } from './world.ts';

/** Names that nearly are those of apps, and rights that come by ways round about. */

/** Apps that worlds make, as databases. */
const made = ['shop', 'blog', 'crm'];

/** Users and a database that a collation takes for an app's. */
const alike: Builder = ({ id, databases }) => {
  const own = `${id}_own`;
  const names = [...databases, ...made].flatMap((one) => [
    `${one.toUpperCase()}_USER`,
    `${one}_USER`,
    `${one}_úser`,
    `${one.toUpperCase()}_app`,
  ]);
  const logins = [...new Set(names)].map((name) => accountOf(name));
  return {
    script: [
      [`CREATE DATABASE ${ident(own)}`],
      [`CREATE DATABASE ${ident('Shop')}`],
      [`CREATE TABLE ${ident('Shop')}.kept (id INT PRIMARY KEY)`],
      ...logins.flatMap((login) => [createUser(login), may('SELECT, INSERT', '`Shop`.*', login)]),
    ],
    logins,
    acts: logins.map((login) => act(login, 'reads kept of "Shop"', rowsOf('Shop', 'kept'), ['SELECT', 'Shop'])),
  };
};

/** A role of a role that everybody has: by PUBLIC, or as a mandatory one. */
const mandate: Builder = (piece, { flavor }) => {
  const { id, how, databases } = piece;
  const login = accountOf(id);
  const [inner, outer] = [`${id}_in`, `${id}_out`].map(text);
  const isMaria = flavor === 'mariadb';
  const last = how === 'nested' ? outer : inner;
  return {
    script: [
      createUser(login),
      [`CREATE ROLE ${inner}`],
      [`CREATE ROLE ${outer}`],
      [`GRANT ${inner} TO ${outer}`],
      ...databases.map((one) => [`GRANT SELECT ON ${escaped(one)}.* TO ${inner}`] as const),
      [isMaria ? `GRANT ${last} TO PUBLIC` : `SET GLOBAL mandatory_roles = ${last}`],
    ],
    logins: [login],
    acts: databases.map((one) =>
      act(
        login,
        `reads ${tableOf(piece)} of "${one}" by a role that everybody has`,
        isMaria ? rowsOf(one, tableOf(piece)) : ['SET ROLE ALL', rowsOf(one, tableOf(piece))],
        ['SELECT', one],
        [`database "${one}"`],
      ),
    ),
  };
};

/** Two patterns of one user that fit the same database, with the first wildcard in the same place. */
const rivals: Builder = ({ id, how, databases: [first = 'hand_0'] }) => {
  const login = accountOf(id);
  const stem = first.slice(0, 4);
  const beside = `${stem}x0`;
  const rows = [may('SELECT, DELETE', `${ident(`${stem}%`)}.*`, login), may('INSERT, DELETE', `${ident(`${stem}_0`)}.*`, login)];
  return {
    script: [
      createUser(login),
      [`CREATE DATABASE IF NOT EXISTS ${ident(beside)}`],
      [`CREATE TABLE IF NOT EXISTS ${ident(beside)}.kept (id INT PRIMARY KEY)`],
      ...(how === 'wide' ? rows : rows.toReversed()),
      ...(how === 'flushed' ? [['FLUSH PRIVILEGES'] as const] : []),
    ],
    logins: [login],
    acts: [
      act(login, `reads kept of "${beside}"`, rowsOf(beside, 'kept'), ['SELECT', beside]),
      act(login, `adds to kept of "${beside}"`, `INSERT INTO ${ident(beside)}.kept VALUES (1)`, ['INSERT', beside]),
      act(login, `clears kept of "${beside}"`, `DELETE FROM ${ident(beside)}.kept LIMIT 0`, ['DELETE', beside]),
    ],
  };
};

/** Grants on databases that nobody has made yet. */
const early: Builder = ({ id, how }) => {
  const login = accountOf(id);
  return {
    script: [
      createUser(login),
      ...made.map((one) =>
        how === 'table' ? may('SELECT, CREATE', `${ident(one)}.items`, login) : may('SELECT, INSERT', `${escaped(one)}.*`, login),
      ),
      ...(how === 'role'
        ? [[`CREATE ROLE ${text(`${id}_role`)}`] as const, [`GRANT ${text(`${id}_role`)} TO ${who(login)}`] as const]
        : []),
      ...(how === 'role' ? [[`GRANT UPDATE ON ${escaped('shop')}.* TO ${text(`${id}_role`)}`] as const] : []),
    ],
    logins: [login],
    acts: made.map((one) => reads(login, one, 'items')),
  };
};

export const crowd: Readonly<Record<string, Builder>> = { alike, mandate, rivals, early };
