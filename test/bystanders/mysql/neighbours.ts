import { accountOf, act, type Builder, createUser, escaped, ident, type Line, rowsOf, tableOf, text, who } from './world.ts';

/** People with databases of their own, and with objects that look into those of apps. */

/** The help desk calls a procedure that reads what it may not read itself: as the operator, or as somebody who may. */
const desk: Builder = (piece) => {
  const { id, how, databases } = piece;
  const login = accountOf(id);
  const maker = accountOf(`${id}_maker`);
  const table = tableOf(piece);
  const tools = `${id}_tools`;
  const definer = how === 'root' ? `'root'@'localhost'` : who(maker);
  return {
    script: [
      [`CREATE DATABASE ${ident(tools)}`],
      createUser(login),
      createUser(maker),
      [`GRANT ALL ON ${escaped(tools)}.* TO ${who(maker)}`],
      [`GRANT EXECUTE ON ${escaped(tools)}.* TO ${who(login)}`],
      ...databases.flatMap((one): readonly Line[] => [
        [`GRANT SELECT ON ${escaped(one)}.* TO ${who(maker)}`],
        [
          `CREATE DEFINER = ${definer} PROCEDURE ${ident(tools)}.count_${one}() SQL SECURITY DEFINER SELECT COUNT(*) AS n FROM ${ident(one)}.${ident(table)}`,
        ],
      ]),
    ],
    logins: [login, maker],
    acts: databases.flatMap((one) => [
      act(
        login,
        `calls count_${one}`,
        `CALL ${ident(tools)}.count_${one}()`,
        [`${tools}.count_${one}`],
        ['EXECUTE', tools],
        [`database "${one}"`],
      ),
      act(maker, `reads ${table} of "${one}"`, rowsOf(one, table), ['SELECT', one], [`database "${one}"`]),
    ]),
  };
};

/** A dashboard: a database of its own with a view over the app's table, and a table. */
const dashboard: Builder = (piece) => {
  const { id, how, databases } = piece;
  const login = accountOf(id);
  const table = tableOf(piece);
  const definer = how === 'root' ? `'root'@'localhost'` : who(login);
  const security = how === 'invoker' ? 'INVOKER' : 'DEFINER';
  return {
    script: [
      [`CREATE DATABASE ${ident(id)}`],
      createUser(login),
      [`GRANT ALL ON ${escaped(id)}.* TO ${who(login)}`],
      [`CREATE TABLE ${ident(id)}.marks (id INT PRIMARY KEY, what VARCHAR(20))`],
      [`INSERT INTO ${ident(id)}.marks VALUES (1, 'deploy')`],
      ...databases.flatMap((one): readonly Line[] => [
        ...(how === 'root' ? [] : [[`GRANT SELECT ON ${escaped(one)}.* TO ${who(login)}`] as const]),
        [
          `CREATE DEFINER = ${definer} SQL SECURITY ${security} VIEW ${ident(id)}.seen_${one} AS SELECT id, body FROM ${ident(one)}.${ident(table)}`,
        ],
      ]),
    ],
    logins: [login],
    acts: [
      act(login, 'adds to "marks"', `INSERT INTO ${ident(id)}.marks VALUES (2, 'x')`, ['INSERT', id]),
      ...databases.map((one) =>
        act(login, `reads seen_${one}`, rowsOf(id, `seen_${one}`), ['SELECT', one], [`${id}.seen_${one}`], [`database "${one}"`]),
      ),
    ],
  };
};

/** Tables that point into an app's, a trigger that writes there, a MERGE table over one of it. */
const erp: Builder = (piece) => {
  const { id, how, databases } = piece;
  const login = accountOf(id);
  const table = tableOf(piece);
  const into = (one: string): readonly Line[] => {
    switch (how) {
      case 'merge':
        return [
          [`CREATE TABLE IF NOT EXISTS ${ident(one)}.old_log (id INT PRIMARY KEY) ENGINE = MyISAM`],
          [`CREATE TABLE ${ident(id)}.all_${one} (id INT NOT NULL, KEY (id)) ENGINE = MERGE UNION = (${ident(one)}.old_log)`],
        ];
      case 'trigger':
        return [
          [`GRANT INSERT ON ${ident(one)}.${ident(table)} TO ${who(login)}`],
          [`CREATE TABLE ${ident(id)}.orders_${one} (id INT PRIMARY KEY)`],
          [
            `CREATE DEFINER = ${who(login)} TRIGGER ${ident(id)}.pass_on_${one} AFTER INSERT ON ${ident(id)}.orders_${one} FOR EACH ROW INSERT INTO ${ident(one)}.${ident(table)} (id, body) VALUES (NEW.id, 'erp')`,
          ],
        ];
      default:
        return [
          [
            `CREATE TABLE ${ident(id)}.lines_${one} (id INT PRIMARY KEY, note INT, FOREIGN KEY (note) REFERENCES ${ident(one)}.${ident(table)} (id))`,
          ],
          [`INSERT INTO ${ident(id)}.lines_${one} VALUES (1, 1)`],
        ];
    }
  };
  const uses = (one: string) => {
    if (how === 'merge') return act(login, `reads all_${one}`, rowsOf(id, `all_${one}`), [`${id}.all_${one}`]);
    if (how === 'trigger')
      return act(
        login,
        `adds to orders_${one}`,
        `INSERT INTO ${ident(id)}.orders_${one} VALUES (500)`,
        ['INSERT', one],
        [`${id}.pass_on_${one}`],
        [`${one}.remember`],
        [`database "${one}"`],
      );
    return act(login, `adds to lines_${one}`, `INSERT INTO ${ident(id)}.lines_${one} VALUES (2, 1)`, [`${id}.lines_${one}`]);
  };
  return {
    script: [
      [`CREATE DATABASE ${ident(id)}`],
      createUser(login),
      [`GRANT ALL ON ${escaped(id)}.* TO ${who(login)}`],
      ...databases.flatMap(into),
    ],
    logins: [login],
    acts: databases.map(uses),
  };
};

/** Somebody's trigger or event in an app's own database. */
const auditor: Builder = (piece) => {
  const { id, how, databases } = piece;
  const login = accountOf(id);
  const table = tableOf(piece);
  const made = (one: string): readonly Line[] => [
    [`GRANT ${how === 'event' ? 'DELETE, EVENT' : 'TRIGGER, SELECT'} ON ${escaped(one)}.* TO ${who(login)}`],
    how === 'event'
      ? [
          `CREATE DEFINER = ${who(login)} EVENT ${ident(one)}.${id}_sweep ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO DELETE FROM ${ident(one)}.${ident(table)} WHERE id > 1000`,
        ]
      : [
          `CREATE DEFINER = ${who(login)} TRIGGER ${ident(one)}.${id}_noted AFTER UPDATE ON ${ident(one)}.${ident(table)} FOR EACH ROW INSERT INTO ${ident(id)}.log (what) VALUES (NEW.body)`,
        ],
  ];
  return {
    script: [
      [`CREATE DATABASE ${ident(id)}`],
      [`CREATE TABLE ${ident(id)}.log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(50))`],
      createUser(login),
      [`GRANT ALL ON ${escaped(id)}.* TO ${who(login)}`],
      ...databases.flatMap(made),
    ],
    logins: [login],
    acts: [act(login, 'reads its log', rowsOf(id, 'log'), ['SELECT', id])],
  };
};

/** A database of the operators, what clears it at night, and rights of a login that left. */
const ops: Builder = ({ id, how }) => {
  const login = accountOf(id, '127.0.0.1');
  const left: readonly Line[] =
    how === 'stray'
      ? [
          [`INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', ${text(`${id}_db`)}, ${text(`${id}_left`)}, 'Y')`],
          ['FLUSH PRIVILEGES'],
        ]
      : [];
  return {
    script: [
      [`CREATE DATABASE ${ident(`${id}_db`)} CHARACTER SET latin1`],
      [`CREATE TABLE ${ident(`${id}_db`)}.jobs (id INT PRIMARY KEY, done BOOL)`],
      [`INSERT INTO ${ident(`${id}_db`)}.jobs VALUES (1, FALSE)`],
      createUser(login),
      [`GRANT SELECT, UPDATE, EVENT ON ${escaped(`${id}_db`)}.* TO ${who(login)}`],
      [
        `CREATE DEFINER = ${who(login)} EVENT ${ident(`${id}_db`)}.nightly ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO UPDATE ${ident(`${id}_db`)}.jobs SET done = TRUE`,
      ],
      ...(how === 'server'
        ? [
            [
              `CREATE SERVER ${ident(id)} FOREIGN DATA WRAPPER mysql OPTIONS (USER 'far', HOST '10.9.9.9', DATABASE 'far', PASSWORD 'x')`,
            ] as const,
          ]
        : []),
      ...(how === 'locked'
        ? [
            [`CREATE USER ${text(`${id}_away`)}@'%' IDENTIFIED BY 'x' ACCOUNT LOCK`] as const,
            [`GRANT SELECT ON ${escaped(`${id}_db`)}.* TO ${text(`${id}_away`)}@'%'`] as const,
          ]
        : []),
      ...left,
    ],
    logins: [login],
    acts: [act(login, 'ticks off a job', `UPDATE ${ident(`${id}_db`)}.jobs SET done = TRUE`, ['UPDATE', `${id}_db`])],
  };
};

/** Somebody who left for a while: locked, with rights on the databases of apps. */
const away: Builder = ({ id, how, databases }) => {
  const login = accountOf(id);
  const role = text(`${id}_role`);
  return {
    script:
      how === 'role'
        ? [[`CREATE ROLE ${role}`], ...databases.map((one): Line => [`GRANT SELECT ON ${escaped(one)}.* TO ${role}`])]
        : [createUser(login, 'ACCOUNT LOCK'), ...databases.map((one): Line => [`GRANT SELECT ON ${escaped(one)}.* TO ${who(login)}`])],
    logins: [],
    acts: [],
  };
};

/** Other apps of another project on the same server. */
const project: Builder = ({ id, how }) => ({
  script: [],
  logins: [],
  acts: [],
  project: {
    apps:
      how === 'two'
        ? {
            [`${id}_a`]: { uses: { main: { connections: 5 } } },
            [`${id}_b`]: { uses: { main: { connections: 5, relax: { events: true } } } },
          }
        : { [`${id}_a`]: { uses: { main: { connections: 5 } } } },
    ...(how === 'two' ? { readers: { [`${id}_lens`]: { reads: [`${id}_a`, `${id}_b`] } } } : {}),
  },
});

export const neighbours: Readonly<Record<string, Builder>> = { desk, dashboard, erp, auditor, ops, away, project };
