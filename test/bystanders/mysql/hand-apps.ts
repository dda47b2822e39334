import {
  accountOf,
  act,
  type Act,
  type Builder,
  type Bystander,
  createUser,
  escaped,
  ident,
  type Line,
  type Login,
  rowsOf,
  text,
  who,
} from './world.ts';

/** Apps that somebody set up by hand. Each has `notes` with two rows. */

const notes = (database: string, more = ''): readonly Line[] => [
  [`CREATE DATABASE ${ident(database)} ${more}`],
  [`CREATE TABLE ${ident(database)}.notes (id INT PRIMARY KEY, body VARCHAR(50), tenant VARCHAR(20))`],
  [`INSERT INTO ${ident(database)}.notes VALUES (1, 'one', 'a'), (2, 'two', 'b')`],
];

const ownRights = (database: string): readonly (readonly string[])[] => [['SELECT', database], [`database "${database}"`]];

/** What an app does with its own; `login` may read and write. */
function working(login: Login, database: string): readonly Act[] {
  const on = `${ident(database)}.notes`;
  return [
    act(login, `reads notes of "${database}"`, rowsOf(database, 'notes'), ...ownRights(database)),
    act(
      login,
      `writes notes of "${database}"`,
      [
        `INSERT INTO ${on} VALUES (77, 'new', 'a')`,
        `UPDATE ${on} SET body = 'x' WHERE id = 77`,
        `DELETE FROM ${on} WHERE id = 77`,
        'SELECT 1 AS done',
      ],
      ['INSERT', database],
      ['DELETE', database],
      [`database "${database}"`],
      [`${database}.remember`],
      ['_noted', 'trigger'],
    ),
  ];
}

const making = (login: Login, database: string): Act =>
  act(
    login,
    `makes a table in "${database}"`,
    [
      `CREATE TABLE ${ident(database)}.made (id INT PRIMARY KEY)`,
      `ALTER TABLE ${ident(database)}.made ADD COLUMN more INT`,
      `DROP TABLE ${ident(database)}.made`,
    ],
    ['CREATE', database],
    [`database "${database}"`],
  );

/** A view, a function, a procedure and a trigger, of whoever makes them or of the operator. */
const objects = (database: string, login?: Login): readonly Line[] => {
  const db = ident(database);
  return (
    [
      [`CREATE VIEW ${db}.seen AS SELECT id, body FROM ${db}.notes`],
      [`CREATE FUNCTION ${db}.total() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM ${db}.notes)`],
      [`CREATE PROCEDURE ${db}.put(k INT) INSERT INTO ${db}.notes VALUES (k, 'put', 'a')`],
      [`CREATE TABLE ${db}.history (id INT AUTO_INCREMENT PRIMARY KEY, note INT)`],
      [`CREATE TRIGGER ${db}.remember AFTER INSERT ON ${db}.notes FOR EACH ROW INSERT INTO ${db}.history (note) VALUES (NEW.id)`],
    ] as const
  ).map(([sql]): Line => (login === undefined ? [sql] : [sql, login]));
};

const using = (login: Login, database: string): readonly Act[] => [
  act(login, `reads seen of "${database}"`, rowsOf(database, 'seen'), ...ownRights(database), [`${database}.seen`]),
  act(login, `calls total of "${database}"`, `SELECT ${ident(database)}.total() AS n`, ['EXECUTE', database], [`${database}.total`]),
  act(
    login,
    `calls put of "${database}"`,
    [`CALL ${ident(database)}.put(88)`, `SELECT COUNT(*) AS n FROM ${ident(database)}.notes`],
    ['EXECUTE', database],
    [`${database}.put`],
  ),
];

const shapes: Readonly<Record<string, (database: string, login: Login, around: { readonly flavor: string }) => Bystander>> = {
  plain: (database, login) => ({
    script: [...notes(database), createUser(login), [`GRANT ALL ON ${ident(database)}.* TO ${who(login)}`]],
    logins: [login],
    acts: [...working(login, database), making(login, database)],
  }),
  objects: (database, login) => ({
    script: [...notes(database), createUser(login), [`GRANT ALL ON ${escaped(database)}.* TO ${who(login)}`], ...objects(database, login)],
    logins: [login],
    acts: [...working(login, database), making(login, database), ...using(login, database)],
  }),
  /** The operator made everything; the app reads and writes. */
  rooted: (database, login) => ({
    script: [
      ...notes(database, 'CHARACTER SET latin1'),
      createUser(login),
      [`GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON ${escaped(database)}.* TO ${who(login)}`],
      ...objects(database),
    ],
    logins: [login],
    acts: [...working(login, database), ...using(login, database)],
  }),
  /** One login from two machines, with a limit. */
  hosts: (database, login) => {
    const [near, far] = [accountOf(login.user, '127.0.0.1'), accountOf(login.user, '127.0.0.8', '127.0.0.8')];
    return {
      script: [
        ...notes(database),
        ...[near, far].flatMap((one): readonly Line[] => [
          createUser({ ...one, password: 'old shared' }, 'WITH MAX_USER_CONNECTIONS 7'),
          [`GRANT ALL ON ${escaped(database)}.* TO ${who(one)}`],
        ]),
      ],
      logins: [near, far].map((one) => ({ ...one, password: 'old shared' })),
      acts: [near, far].flatMap((one) => working({ ...one, password: 'old shared' }, database)),
    };
  },
  /** A login that works, one that migrates, one that reads. */
  logins: (database, login) => {
    const [migrator, reports] = [accountOf(`${login.user}_migrator`), accountOf(`${login.user}_reports`)];
    return {
      script: [
        ...notes(database),
        ...[login, migrator, reports].map((one) => createUser(one)),
        [`GRANT ALL ON ${escaped(database)}.* TO ${who(migrator)} WITH GRANT OPTION`],
        [`GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON ${escaped(database)}.* TO ${who(login)}`],
        [`GRANT SELECT, SHOW VIEW ON ${escaped(database)}.* TO ${who(reports)}`],
        ...objects(database, migrator),
      ],
      logins: [login, migrator, reports],
      acts: [
        ...working(login, database),
        ...using(login, database),
        making(migrator, database),
        act(reports, `reads seen of "${database}"`, rowsOf(database, 'seen'), ...ownRights(database), [`${database}.seen`]),
      ],
    };
  },
  /** One login over two databases, with a view and a foreign key across. */
  two: (database, login) => {
    const other = `${database}_more`;
    return {
      script: [
        ...notes(database),
        ...notes(other),
        createUser(login),
        [`GRANT ALL ON ${escaped(database)}.* TO ${who(login)}`],
        [`GRANT ALL ON ${escaped(other)}.* TO ${who(login)}`],
        [`CREATE TABLE ${ident(other)}.lines (id INT PRIMARY KEY, note INT, FOREIGN KEY (note) REFERENCES ${ident(database)}.notes (id))`],
        [`INSERT INTO ${ident(other)}.lines VALUES (1, 1)`],
        [
          `CREATE VIEW ${ident(other)}.both_notes AS SELECT a.id, b.body FROM ${ident(database)}.notes a JOIN ${ident(other)}.notes b ON a.id = b.id`,
          login,
        ],
      ],
      logins: [login],
      acts: [
        ...working(login, database),
        ...working(login, other),
        act(login, `reads both_notes`, rowsOf(other, 'both_notes'), [`${other}.both_notes`], ['SELECT', database], ['SELECT', other]),
      ],
    };
  },
  /** Rights by a default role. */
  role: (database, login, { flavor }) => {
    const role = text(`${login.user}_role`);
    return {
      script: [
        ...notes(database),
        createUser(login),
        [`CREATE ROLE ${role}`],
        [`GRANT ALL ON ${escaped(database)}.* TO ${role}`],
        [`GRANT ${role} TO ${who(login)}`],
        [`SET DEFAULT ROLE ${role} ${flavor === 'mariadb' ? 'FOR' : 'TO'} ${who(login)}`],
      ],
      logins: [login],
      acts: [...working(login, database), making(login, database)],
    };
  },
  /** It may do everything everywhere, as tutorials say. */
  all: (database, login) => ({
    script: [
      ...notes(database),
      createUser(login),
      [`GRANT ALL ON *.* TO ${who(login)} WITH GRANT OPTION`],
      [`GRANT ALL ON ${escaped(database)}.* TO ${who(login)}`],
    ],
    logins: [login],
    acts: [...working(login, database), making(login, database)],
  }),
  /** With an event, a time limit, and rights that it may pass on. */
  events: (database, login, { flavor }) => ({
    script: [
      ...notes(database),
      createUser(login, flavor === 'mariadb' ? 'WITH MAX_QUERIES_PER_HOUR 50000 MAX_STATEMENT_TIME 30' : 'WITH MAX_QUERIES_PER_HOUR 50000'),
      [`GRANT ALL ON ${escaped(database)}.* TO ${who(login)} WITH GRANT OPTION`],
      [
        `CREATE EVENT ${ident(database)}.sweep ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO DELETE FROM ${ident(database)}.notes WHERE id > 1000`,
        login,
      ],
    ],
    logins: [login],
    acts: [...working(login, database), making(login, database)],
  }),
};

export const handShapes: readonly string[] = Object.keys(shapes);

export const handApp: Builder = ({ how, databases: [database = 'hand_0'] }, around) => {
  const make = shapes[how];
  if (!make) throw new Error(`no shape ${how}`);
  return make(database, accountOf(`${database}_app`), around);
};
