import { type Mutation, one } from './mutation.ts';

const A = "'wall_a_user'@'%'";
const WEB = "'web'@'%'";
const B = "'wall_b_user'@'%'";

/** Where it stands, and what lets somebody at it. */
const places = [
  { name: 'in the own database', database: 'wall_a', grant: (): readonly string[] => [] },
  ...[A, WEB].map((who) => ({
    name: `of the operator, for ${who}`,
    database: 'ops',
    grant: (privilege: string, on: string): readonly string[] => [`GRANT ${privilege} ON ${on} TO ${who}`],
  })),
  { name: 'of the operator, whole, for an app', database: 'ops', grant: (): readonly string[] => [`GRANT ALL ON ops.* TO ${A}`] },
  { name: 'of the operator, whole, for a stranger', database: 'ops', grant: (): readonly string[] => [`GRANT ALL ON ops.* TO ${WEB}`] },
];

/** Objects that show or change rows of wall_b with the rights of whoever made them. */
export const carriers: readonly Mutation[] = [
  ...places.flatMap(({ name, database, grant }) =>
    ['<admin>', B].flatMap((definer) => [
      one(`a view ${name} by ${definer}`, [
        `CREATE DEFINER = ${definer} VIEW ${database}.shown AS SELECT * FROM wall_b.orders`,
        ...grant('SELECT', `${database}.shown`),
      ]),
      one(`a view of a view ${name} by ${definer}`, [
        `CREATE DEFINER = ${definer} VIEW ${database}.inner_view AS SELECT * FROM wall_b.orders`,
        `CREATE DEFINER = ${definer} VIEW ${database}.shown AS SELECT * FROM ${database}.inner_view`,
        ...grant('SELECT', `${database}.shown`),
      ]),
      one(`a view that runs as its caller ${name} by ${definer}`, [
        `CREATE DEFINER = ${definer} SQL SECURITY INVOKER VIEW ${database}.shown AS SELECT * FROM wall_b.orders`,
        ...grant('SELECT', `${database}.shown`),
      ]),
      one(`a function ${name} by ${definer}`, [
        `CREATE DEFINER = ${definer} FUNCTION ${database}.told() RETURNS VARCHAR(40) READS SQL DATA RETURN (SELECT MAX(note) FROM wall_b.orders)`,
        ...grant('EXECUTE', `FUNCTION ${database}.told`),
      ]),
      one(`a procedure ${name} by ${definer}`, [
        `CREATE DEFINER = ${definer} PROCEDURE ${database}.told() SELECT * FROM wall_b.orders`,
        ...grant('EXECUTE', `PROCEDURE ${database}.told`),
      ]),
      one(`a procedure that runs as its caller ${name} by ${definer}`, [
        `CREATE DEFINER = ${definer} PROCEDURE ${database}.told() SQL SECURITY INVOKER SELECT * FROM wall_b.orders`,
        ...grant('EXECUTE', `PROCEDURE ${database}.told`),
      ]),
      one(`a trigger ${name} by ${definer}`, [
        `CREATE TABLE ${database}.asked (id INT, note VARCHAR(40))`,
        `CREATE DEFINER = ${definer} TRIGGER ${database}.told BEFORE INSERT ON ${database}.asked FOR EACH ROW SET NEW.note = (SELECT MAX(note) FROM wall_b.orders)`,
        ...grant('SELECT, INSERT', `${database}.asked`),
      ]),
    ]),
  ),
  one('a trigger of an app on a table of another', [
    `CREATE DEFINER = ${A} TRIGGER wall_b.told AFTER INSERT ON wall_b.orders FOR EACH ROW INSERT INTO wall_a.spare VALUES (NEW.id)`,
  ]),
  one('an event of the operator', ["CREATE EVENT wall_a.told ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO DELETE FROM wall_b.orders"]),
  one('an event of an app without events', [
    `CREATE DEFINER = ${A} EVENT wall_a.told ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO SELECT 1`,
  ]),
  one('a MERGE table over rows of another', [
    'CREATE TABLE wall_a.shown (x VARCHAR(40)) ENGINE = MERGE UNION = (wall_b.flat) INSERT_METHOD = LAST',
  ]),
  one('a MERGE table of the operator', [
    'CREATE TABLE ops.shown (x VARCHAR(40)) ENGINE = MERGE UNION = (wall_b.flat) INSERT_METHOD = LAST',
    `GRANT ALL ON ops.shown TO ${WEB}`,
  ]),
  one('a foreign key into another', ['CREATE TABLE wall_a.refers (id INT, FOREIGN KEY (id) REFERENCES wall_b.orders (id))']),
  one('a foreign key of a stranger', [
    'CREATE TABLE ops.refers (id INT, FOREIGN KEY (id) REFERENCES wall_b.orders (id))',
    `GRANT ALL ON ops.refers TO ${WEB}`,
  ]),
  one('a server that everybody can use', [
    "CREATE SERVER back FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1', DATABASE 'wall_b', USER 'root')",
  ]),
  one('a copy of rows', ['CREATE TABLE ops.copied AS SELECT * FROM wall_b.orders', `GRANT SELECT ON ops.copied TO ${A}`]),
  one('statements of all in a table', [
    "SET GLOBAL log_output = 'TABLE'",
    'SET GLOBAL general_log = 1',
    `GRANT SELECT ON mysql.general_log TO ${A}`,
  ]),
  one('what every session runs at its start', ["SET GLOBAL init_connect = 'SELECT 1'"]),
  one('a retired app read', [`GRANT SELECT ON wall_gone.* TO ${WEB}`]),
  one('a view of a retired app', ['CREATE VIEW wall_a.shown AS SELECT * FROM wall_gone.orders']),
];
