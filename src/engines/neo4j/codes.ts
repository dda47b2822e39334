import type { Codes } from '../../model/index.ts';

/** Codes of diagnostics that only this engine gives. */
export const codes: Codes = {
  CT2080: {
    title: 'Second app on a server that holds one',
    explanation:
      'Neo4j Community has one standard database and no roles: each user reads and changes everything. A second app there would have all of the first one, whatever the manifest says.',
    hint: 'Give every app an instance of its own: one without a `url` is started by cotenant up.',
  },
  CT2081: {
    title: 'Edition not supported',
    explanation:
      'The edition is asked from the server. Databases and roles of Neo4j Enterprise, and servers that have several databases by a plugin, are not built and not verified yet, so nothing is done there.',
    hint: 'Use Neo4j Community with one app on each instance.',
  },
  CT2082: {
    title: 'Database that is not empty',
    explanation:
      'An app would get a database that holds nodes which no app of this project has put there. It could read and delete all of them.',
    hint: 'Adopt them with `adopt: true`, or use another instance.',
  },
  CT2083: {
    title: 'Administrator that the manifest does not name',
    explanation:
      'Each user of Neo4j Community is an administrator: it reads and changes what apps have, and their passwords. cotenant leaves such users as they are.',
    hint: 'Drop the user, or accept it under `known`.',
  },
  CT2084: {
    title: 'Server without authentication',
    explanation: 'With dbms.security.auth_enabled=false the server lets everybody in, so users and passwords mean nothing.',
    hint: 'Turn authentication on and start the server again.',
  },
  CT2085: {
    title: 'TLS that cotenant cannot use here',
    explanation: 'For Neo4j, authorities are given to the driver as files, and cotenant does not log in with a certificate yet.',
    hint: 'Name the authority as a file, and log in with a password.',
  },
  CT2086: {
    title: 'Another standard database',
    explanation: 'The server’s standard database has another name than the manifest says. Apps are told that name.',
    hint: 'Write the name under `database` of the instance.',
  },
  CT2087: {
    title: 'Password that could not be checked',
    explanation:
      'The server tells nothing about passwords, so cotenant logs in as the user to see whether it has the one of the secret store. After three wrong passwords the server lets nobody in as that user for some seconds.',
    hint: 'Plan again a little later.',
  },
  CT2088: {
    title: 'User who came during a delete',
    explanation:
      'While the graph of a retired app was deleted, somebody made a user whom the plan had not named. Every user of Neo4j Community may have put something into the database, and nobody can tell what. What was deleted until then is gone; the rest stays.',
    hint: 'Plan again: it names that user, and asks.',
  },
};
