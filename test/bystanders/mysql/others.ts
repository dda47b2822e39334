import {
  accountOf,
  act,
  type Act,
  type Builder,
  createUser,
  escaped,
  ident,
  type Line,
  type Login,
  rowsOf,
  tableOf,
  text,
  who,
} from './world.ts';

/** Rights of everybody, of nobody, of somebody who may do everything, and on single things. */

export const may = (privileges: string, on: string, login: Login, more = ''): Line => [
  `GRANT ${privileges} ON ${on} TO ${who(login)} ${more}`,
];
export const reads = (login: Login, database: string, table: string): Act =>
  act(login, `reads ${table} of "${database}"`, rowsOf(database, table), ['SELECT', database], [`database "${database}"`]);

/** Whoever comes without a name. */
const nobody: Builder = ({ id, how }) => {
  const login: Login = {
    user: '',
    host: how === 'near' ? '127.0.0.9' : '%',
    from: '127.0.0.9',
    gives: `${id}_any`,
    password: how === 'near' ? 'old nobody' : '',
  };
  const make = `CREATE USER ${who(login)} ${login.password === '' ? '' : `IDENTIFIED BY ${text(login.password ?? '')}`}`;
  return {
    script: [
      [make],
      ['CREATE DATABASE IF NOT EXISTS test'],
      ['CREATE TABLE IF NOT EXISTS test.loose (id INT PRIMARY KEY)'],
      may('SELECT, INSERT', 'test.*', login),
    ],
    logins: [login],
    acts: [act(login, 'adds to "test"', 'INSERT INTO test.loose VALUES (1)', ['INSERT', 'test'])],
  };
};

/** What everybody has, by PUBLIC or by a row without a user, and somebody who has nothing else. */
const everybody: Builder = (piece, { flavor }) => {
  const { id, how, databases } = piece;
  const login = accountOf(id);
  const [place = 'test'] = how === 'app' ? databases : ['test'];
  const grant: readonly Line[] =
    flavor === 'mariadb'
      ? [[`GRANT SELECT, INSERT ON ${escaped(place)}.* TO PUBLIC`]]
      : [
          [`INSERT INTO mysql.db (Host, Db, User, Select_priv, Insert_priv) VALUES ('127.%', ${text(place)}, '', 'Y', 'Y')`],
          ['FLUSH PRIVILEGES'],
        ];
  const table = place === 'test' ? 'open' : tableOf(piece);
  return {
    script: [
      ...(place === 'test'
        ? [['CREATE DATABASE IF NOT EXISTS test'] as const, ['CREATE TABLE IF NOT EXISTS test.open (id INT PRIMARY KEY)'] as const]
        : []),
      createUser(login),
      ...grant,
    ],
    logins: [login],
    acts: [reads(login, place, table)],
  };
};

/** Single tables, single columns, single routines. */
const narrow: Builder = (piece) => {
  const { id, databases } = piece;
  const table = tableOf(piece);
  const login = accountOf(id);
  return {
    script: [
      createUser(login),
      ...databases.flatMap((one): readonly Line[] => [
        [
          `CREATE FUNCTION ${ident(one)}.${id}_count() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM ${ident(one)}.${ident(table)})`,
        ],
        may('SELECT (id, body), UPDATE (body)', `${ident(one)}.${ident(table)}`, login),
        may('EXECUTE', `FUNCTION ${ident(one)}.${id}_count`, login),
      ]),
    ],
    logins: [login],
    acts: databases.flatMap((one) => [
      act(
        login,
        `reads two columns of "${one}"`,
        `SELECT id, body FROM ${ident(one)}.${ident(table)} ORDER BY id`,
        ['SELECT', one],
        [`database "${one}"`],
      ),
      act(
        login,
        `calls a function of "${one}"`,
        `SELECT ${ident(one)}.${id}_count() AS n`,
        ['EXECUTE', one],
        [`database "${one}"`],
        [`${one}.${id}_count`],
      ),
    ]),
  };
};

/** Somebody who may do everything, and somebody to act as. */
const dba: Builder = (piece) => {
  const { id, how, databases } = piece;
  const login = accountOf(id);
  const second = accountOf(`${id}_second`);
  const global =
    how === 'super'
      ? may('ALL', '*.*', login, 'WITH GRANT OPTION')
      : may('SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER', '*.*', login);
  return {
    script: [createUser(login), createUser(second), global, [`GRANT PROXY ON ${who(login)} TO ${who(second)}`]],
    logins: [login, second],
    acts: [
      act(login, 'makes a database', ['CREATE DATABASE dba_made', 'DROP DATABASE dba_made'], ['CREATE', '*.*']),
      ...databases.map((one) => reads(login, one, tableOf(piece))),
    ],
  };
};

export const others: Readonly<Record<string, Builder>> = { nobody, everybody, narrow, dba };
