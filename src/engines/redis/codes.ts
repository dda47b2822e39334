import type { Codes } from '../../model/index.ts';

/** Codes of diagnostics that only this engine gives. */
export const codes: Codes = {
  CT2040: {
    title: 'No wall between neighbours',
    explanation:
      'An app uses an isolation level without a wall, which the manifest accepts, but other apps are on the same instance. Nothing would protect them from it.',
    hint: 'Place the app without a wall on a separate instance.',
  },
  CT2041: {
    title: 'Login of the operator',
    explanation: 'An app would get the user that cotenant itself logs in as. Setting it up would lock cotenant out of the server.',
    hint: 'Set a different user name in the app’s placement.',
  },
  CT2043: {
    title: 'Walls lost at a restart',
    explanation:
      'The server keeps its users in memory only, so every wall is gone after a restart; or this login may not ask whether it does.',
    hint: 'Start the server with an ACL file.',
  },
  CT2044: {
    title: 'User without authentication stays open',
    explanation:
      'A client that does not authenticate has the privileges of the default user. That user cannot be closed, because cotenant or replicas log in as it.',
    hint: 'Create a user for the operator, and one for the replicas.',
  },
  CT2045: {
    title: 'Isolation level not enforceable',
    explanation: 'The server cannot enforce the isolation level that the placement asks for, so nothing is set up.',
    hint: 'Choose another level, use a server that enforces it, or declare that no wall is wanted.',
  },
  CT2046: {
    title: 'Database number not available',
    explanation:
      'The server has a fixed number of databases. The one set in the placement does not exist, or cannot be used at this level, or all are in use.',
    hint: 'Raise the number of databases in the server’s configuration, or choose another one.',
  },
  CT2047: {
    title: 'Server limits protect nobody',
    explanation:
      'The server has no memory limit, too few connections, or an eviction policy by which one app evicts the data of others. It has no limits for single apps.',
    hint: 'Set the limits named in the message.',
  },
  CT2050: {
    title: 'ACL file differs from the server',
    explanation:
      'The file from which the server loads its users at startup grants an unmanaged user something that it does not have now, or has a user that the server does not. Only its author can tell which is right: a restart brings the file into effect, and ACL SAVE overwrites it. Conversely, ACL SAVE makes permanent what only the running server has. Where the file cannot be read from here, the users that changed since it was last written are listed. It is an error where users are defined in a file that the configuration file includes: saving would define them twice, and the server would no longer start.',
    hint: 'Load the file (ACL LOAD) or overwrite it (ACL SAVE), whichever is right.',
  },
  CT4320: {
    title: 'Login cannot read or write the app',
    explanation:
      'Values are saved and brought back with the app’s own login, and no other rights. The server refused it a command, or the app has no login that writes.',
    hint: 'Run cotenant apply, which gives the login what the manifest says.',
  },
  CT4321: {
    title: 'Keys of a backup cannot be read',
    explanation:
      'The file of a backup holds something else than the commands that a backup writes for the keys of that app. Nothing of it stays on the server.',
    hint: 'Do not rely on this backup. Make another one, and run cotenant drill.',
  },
  CT4322: {
    title: 'No memory for a copy of the keys',
    explanation:
      'A drill or a restore would leave less than a tenth of maxmemory to everybody else, or the memory is full. A full server takes no writes from anybody, or evicts keys of others.',
    hint: 'Raise maxmemory, or delete what nobody needs.',
  },
  CT4323: {
    title: 'Value that this server cannot hold',
    explanation:
      'A value comes from a newer server, or from a module that this one has not: a type that only the server itself can write, or fields of hashes that expire.',
    hint: 'Bring it back into a server of the version that the backup names, or a newer one, with the same modules.',
  },
  CT4324: {
    title: 'Backup of another isolation level',
    explanation:
      'A backup of keys under a prefix goes under a prefix, and one of a database into a database: otherwise nobody can tell what the app would call its keys.',
    hint: 'Give the app the level that the backup was made at.',
  },
  CT4325: {
    title: 'RESTORE not allowed',
    explanation:
      'Values of types that have no commands to make them, as those of modules, are saved as the server serialises them. Only RESTORE brings them back, and no app has it unless it is relaxed.',
    hint: 'Add `relax: { restore: true }` to the placement and apply; take it away again afterwards.',
  },
  CT4326: {
    title: 'No database for a drill',
    explanation:
      'A drill works in a database in which nobody has anything, so that no app sees the copy. Every database of the server belongs to somebody.',
    hint: 'Raise the number of databases in the server’s configuration.',
  },
};
