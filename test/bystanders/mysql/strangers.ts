import { accountOf, act, type Builder, createUser, escaped, ident, type Line, rowsOf, tableOf, text, who } from './world.ts';

import { crowd } from './crowd.ts';
import { nearby } from './nearer.ts';
import { may, others, reads } from './others.ts';

/** People and programs that are no apps, with rights on databases of others. */

const everything = ['*.*'];

const backup: Builder = (piece, { flavor }) => {
  const { id, how, databases } = piece;
  const table = tableOf(piece);
  const login = accountOf(id);
  const global = how === 'all';
  const privileges = 'SELECT, LOCK TABLES, SHOW VIEW, TRIGGER, EVENT';
  const client = flavor === 'mariadb' ? 'BINLOG MONITOR' : 'REPLICATION CLIENT';
  return {
    script: [
      createUser(login),
      ...(global
        ? [may(`${privileges}, RELOAD, PROCESS, ${client}`, '*.*', login)]
        : [
            ...databases.map((one) => may(privileges, how === 'plain' ? `${ident(one)}.*` : `${escaped(one)}.*`, login)),
            may('RELOAD, PROCESS', '*.*', login),
          ]),
    ],
    logins: [login],
    acts: [
      act(login, 'flushes', 'FLUSH NO_WRITE_TO_BINLOG STATUS', ['RELOAD', '*.*']),
      act(login, 'looks at the processes of others', 'SELECT COUNT(*) > 1 AS more FROM information_schema.PROCESSLIST', ['PROCESS', '*.*']),
      ...databases.flatMap((one) => [
        reads(login, one, table),
        act(
          login,
          `locks ${table} of "${one}"`,
          [`LOCK TABLES ${ident(one)}.${ident(table)} READ`, 'UNLOCK TABLES'],
          ['LOCK TABLES', one],
          ['LOCK TABLES', '*.*'],
          [`database "${one}"`],
        ),
        act(
          login,
          `lists the triggers of "${one}"`,
          `SELECT TRIGGER_NAME AS t FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ${text(one)} ORDER BY 1`,
          ['TRIGGER', one],
          ['TRIGGER', '*.*'],
          [`database "${one}"`],
        ),
        act(
          login,
          `lists the events of "${one}"`,
          `SELECT EVENT_NAME AS e FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${text(one)} ORDER BY 1`,
          ['EVENT', one],
          ['EVENT', '*.*'],
          [`database "${one}"`],
        ),
      ]),
    ],
  };
};

const monitor: Builder = ({ id, how }, { flavor }) => {
  const login = accountOf(id);
  const client = flavor === 'mariadb' ? 'BINLOG MONITOR, SLAVE MONITOR' : 'REPLICATION CLIENT';
  const replicas = flavor === 'mariadb' ? 'SHOW ALL SLAVES STATUS' : 'SHOW REPLICA STATUS';
  return {
    script: [
      createUser(login, 'WITH MAX_USER_CONNECTIONS 4'),
      may(`PROCESS, ${client}`, '*.*', login),
      ...(how === 'wide' ? [may('SELECT', '*.*', login)] : [may('SELECT', 'performance_schema.*', login)]),
    ],
    logins: [login],
    acts: [
      act(login, 'looks at InnoDB', ['SHOW ENGINE INNODB STATUS', 'SELECT 1 AS done'], ['PROCESS', '*.*']),
      act(login, 'looks at replicas', replicas, everything),
      act(
        login,
        'counts statements',
        'SELECT COUNT(*) > 0 AS yes FROM performance_schema.threads',
        ['SELECT', 'performance_schema'],
        ['SELECT', '*.*'],
      ),
      act(login, 'asks whether it may write', 'SELECT @@GLOBAL.read_only AS r'),
    ],
  };
};

/** ProxySQL asks with a login that has next to nothing, from a machine of its own. */
const proxy: Builder = ({ id, how }, { flavor }) => {
  const login = accountOf(id, how === 'machine' ? '127.0.0.4' : '%', '127.0.0.4');
  const client = flavor === 'mariadb' ? 'BINLOG MONITOR, REPLICA MONITOR' : 'REPLICATION CLIENT';
  return {
    script: [createUser(login), ...(how === 'machine' ? [may(client, '*.*', login)] : [])],
    logins: [login],
    acts: [act(login, 'asks whether it may write', 'SELECT @@GLOBAL.read_only AS r')],
  };
};

const replication: Builder = ({ id }, { flavor }) => {
  const login = accountOf(id, '127.0.0.%', '127.0.0.5');
  return {
    script: [createUser(login), may(`REPLICATION SLAVE, ${flavor === 'mariadb' ? 'BINLOG MONITOR' : 'REPLICATION CLIENT'}`, '*.*', login)],
    logins: [login],
    acts: [
      act(
        login,
        'asks how far the log is',
        [flavor === 'mariadb' ? 'SHOW MASTER STATUS' : 'SHOW BINARY LOG STATUS', 'SELECT 1 AS done'],
        everything,
      ),
    ],
  };
};

/** Reads changes, and each table once. */
const cdc: Builder = (piece, { flavor }) => {
  const { id, how, databases } = piece;
  const login = accountOf(id);
  const client = flavor === 'mariadb' ? 'BINLOG MONITOR' : 'REPLICATION CLIENT';
  const wide = how === 'all';
  return {
    script: [
      createUser(login),
      may(`${wide ? 'SELECT, LOCK TABLES, ' : ''}RELOAD, SHOW DATABASES, REPLICATION SLAVE, ${client}`, '*.*', login),
      ...(wide ? [] : databases.map((one) => may('SELECT, LOCK TABLES', `${escaped(one)}.*`, login))),
    ],
    logins: [login],
    acts: [
      act(login, 'lists the databases of others', 'SELECT COUNT(*) > 3 AS many FROM information_schema.SCHEMATA', [
        'SHOW DATABASES',
        '*.*',
      ]),
      ...databases.map((one) => reads(login, one, tableOf(piece))),
    ],
  };
};

/** One name from several machines: the account whose host fits best is the one that counts. */
const twins: Builder = (piece) => {
  const { id, how, databases } = piece;
  const table = tableOf(piece);
  const near = accountOf(id, '127.0.0.1');
  const net = accountOf(id, '127.0.0.0/255.255.255.0', '127.0.0.6');
  const far = accountOf(id, '%', '127.0.1.7');
  const own = `${id}_own`;
  return {
    script: [
      [`CREATE DATABASE ${ident(own)}`],
      [`CREATE TABLE ${ident(own)}.kept (id INT PRIMARY KEY)`],
      ...[near, net, far].map((one) => createUser(one)),
      may('ALL', `${escaped(own)}.*`, near),
      may('SELECT, INSERT', `${escaped(own)}.*`, far),
      ...databases.map((one) =>
        may(how === 'table' ? 'SELECT' : 'SELECT, UPDATE', how === 'table' ? `${ident(one)}.${ident(table)}` : `${escaped(one)}.*`, net),
      ),
    ],
    logins: [near, net, far],
    acts: [
      act(near, 'makes a table of its own', [`CREATE TABLE ${ident(own)}.more (id INT)`, `DROP TABLE ${ident(own)}.more`], ['CREATE', own]),
      act(far, 'adds a row of its own', `INSERT INTO ${ident(own)}.kept VALUES (1)`, ['INSERT', own]),
      ...databases.map((one) => reads(net, one, table)),
    ],
  };
};

/** A grant on a pattern, escaped or not: it reaches what somebody will make under such a name, too. */
const wildcard: Builder = (piece) => {
  const { id, how, databases } = piece;
  const table = tableOf(piece);
  const login = accountOf(id);
  const [first = 'hand_0'] = databases;
  const stem = first.slice(0, 4);
  const patterns: Readonly<Record<string, string>> = { stem: `${stem}%`, underscore: first, all: '%', escaped: String.raw`${stem}\_%` };
  const pattern = patterns[how] ?? '%';
  const found = databases.map((one) =>
    act(login, `reads ${table} of "${one}"`, rowsOf(one, table), ['SELECT', one], ['SELECT', pattern], [`database "${one}"`]),
  );
  // What nobody else has keeps its reader, whatever else the pattern fits.
  const beside = `${stem}_beside`;
  const neighbour = act(login, `reads kept of "${beside}"`, rowsOf(beside, 'kept'), ['SELECT', beside], [`database "${beside}"`]);
  return {
    script: [
      createUser(login),
      may('SELECT, SHOW VIEW', `${ident(pattern)}.*`, login),
      [`CREATE DATABASE IF NOT EXISTS ${ident(beside)}`],
      [`CREATE TABLE IF NOT EXISTS ${ident(beside)}.kept (id INT PRIMARY KEY)`],
    ],
    logins: [login],
    acts: [...found, neighbour],
  };
};

/** Rights by a role, or by a role of a role. */
const team: Builder = (piece, { flavor }) => {
  const { id, how, databases } = piece;
  const login = accountOf(`${id}_one`);
  const other = accountOf(`${id}_two`);
  const [role, outer] = [`${id}_role`, `${id}_outer`].map(text);
  const used = how === 'nested' ? outer : role;
  const isDefault = flavor === 'mariadb' ? `SET DEFAULT ROLE ${used} FOR` : `SET DEFAULT ROLE ${used} TO`;
  const table = tableOf(piece);
  return {
    script: [
      [`CREATE ROLE ${role}`],
      [`CREATE ROLE ${outer}`],
      createUser(login),
      createUser(other),
      ...databases.map((one): Line => [`GRANT SELECT, INSERT ON ${escaped(one)}.* TO ${role}`]),
      [`GRANT ${role} TO ${outer}`],
      [`GRANT ${used} TO ${who(login)}`],
      [`GRANT ${role} TO ${who(other)} WITH ADMIN OPTION`],
      [`${isDefault} ${who(login)}`],
    ],
    logins: [login, other],
    acts: databases.flatMap((one) => [
      reads(login, one, table),
      act(
        other,
        `reads ${table} of "${one}" by its role`,
        [`SET ROLE ${role}`, rowsOf(one, table)],
        ['SELECT', one],
        [`database "${one}"`],
      ),
    ]),
  };
};

export const strangers: Readonly<Record<string, Builder>> = {
  ...others,
  ...crowd,
  ...nearby,
  backup,
  monitor,
  proxy,
  replication,
  cdc,
  twins,
  wildcard,
  team,
};
