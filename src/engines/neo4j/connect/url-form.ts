import type { Parameter, UrlForm } from '../../../engine/index.ts';

const OF_A_DRIVER: Parameter = 'It is a parameter of a driver and not of the server: remove it.';

/** Schemes that trust whatever certificate the server shows. */
export const UNCHECKED: readonly string[] = ['bolt+ssc', 'neo4j+ssc'];

/** URLs as the drivers and cypher-shell read them. */
export const urlForm: UrlForm = {
  kind: 'Neo4j',
  schemes: ['bolt', 'neo4j', 'bolt+s', 'neo4j+s', ...UNCHECKED],
  tlsSchemes: ['bolt+s', 'neo4j+s', ...UNCHECKED],
  otherSchemes: {
    http: 'http:// is the HTTP interface of the server, and cotenant speaks Bolt',
    https: 'https:// is the HTTP interface of the server, and cotenant speaks Bolt',
    postgres: 'it is the URL of a PostgreSQL server',
    postgresql: 'it is the URL of a PostgreSQL server',
    mysql: 'it is the URL of a MySQL server',
    redis: 'it is the URL of a Redis server',
  },
  port: 7687,
  sockets: false,
  parameterName: (written) => written.toLowerCase(),
  pathTrouble: () => 'a Bolt address names no database: `database:` of the instance does',
  parameters: {
    policy: OF_A_DRIVER,
    database: 'Write `database:` in the instance.',
  },
};
