import type { CatalogueEntry } from './catalogue.ts';

/** Desired state and plan: most of them are found before a server is asked. */
export const planCodes: Readonly<Record<string, CatalogueEntry>> = {
  CT2001: {
    title: 'Name claimed twice',
    explanation:
      'Two apps, readers or placements would get the same database, schema, role, login or other object, perhaps only through names that are derived from theirs. Each could read and change what belongs to the other.',
    hint: 'Set a different name in the placement of one of them.',
  },
  CT2002: {
    title: 'Name too long for the engine',
    explanation:
      'The engine limits names to a number of bytes. Some engines silently truncate a longer name, so two names could become one.',
    hint: 'Shorten the app’s name, or set a shorter name in its placement.',
  },
  CT2003: {
    title: 'Reserved name',
    explanation: 'The name belongs to the engine, to the operator or to cotenant itself, or is not a valid name there.',
    hint: 'Set a different name in the placement.',
  },
  CT2004: {
    title: 'Connection limits exceed the server’s',
    explanation:
      'The connection limits of all apps and readers, plus the reserve for operators, add up to more than the server accepts. That works until all are busy at once; then an app that did nothing wrong gets no connection.',
    hint: "Lower some limits, raise the server's limit, or put a pooler in front.",
  },
  CT2005: {
    title: 'Object exists but is not managed',
    explanation:
      'An object that an app needs exists already and does not carry cotenant’s mark. It is left alone: it may belong to somebody else.',
    hint: 'If it belongs to this app, set `adopt: true` in the placement. Otherwise choose another name.',
  },
  CT2006: {
    title: 'Object belongs to another app or project',
    explanation: 'An object that an app needs carries the mark of another app, or of another project that shares the server.',
    hint: 'Choose another name. If the app was renamed, set the old name in the placement to keep its objects.',
  },
  CT2007: {
    title: 'Name of a retired app',
    explanation:
      'An app of this name was removed from the manifest earlier, and its data is retained. A new app of the same name could be mistaken for it. The same applies to its names on the server: at level rows, its workspace and its logins.',
    hint: '`cotenant restore-app NAME` brings it back with its data. To start afresh, drop the retired app first.',
  },
  CT2008: {
    title: 'Admin lacks a privilege for a wall',
    explanation:
      'A wall needs a privilege that the admin login does not have, as happens on managed services. Everything else is set up; this wall is missing.',
    hint: 'Grant the login the privilege named in the message, or use an isolation level that does not need it.',
  },
  CT2009: {
    title: 'Extension not available',
    explanation:
      'An app lists an extension whose files are not on the server. cotenant creates extensions in databases, but does not install their files on servers.',
    hint: 'Install it on the server, use a server that has it, or remove it from the list.',
  },
  CT2010: {
    title: 'Placement changed',
    explanation:
      'The level, database, schema or workspace of an app was changed in the manifest, but its data is still in the old place. `apply` does not move data: it would create an empty new place.',
    hint: 'Change it back, or move the data first.',
  },
  CT2011: {
    title: 'Table unsuited to level rows',
    explanation:
      'At level rows, a table of the shared database has no workspace column, or a key or sequence that lets one workspace see or block another.',
    hint: 'Change the table as the message says; cotenant does not alter an app’s tables.',
  },
  CT2012: {
    title: 'Foreign database open to every login',
    explanation: 'The server has a database that is not in this manifest, and every login may connect to it, including those of the apps.',
    hint: 'Revoke CONNECT from PUBLIC there, or let cotenant do it for the whole instance.',
  },
  CT2013: {
    title: 'Trusted language installed',
    explanation:
      'A database in which an app may create objects has a trusted procedural language. The app can write functions in it; they run with its own privileges.',
    hint: 'Drop the language where no app needs it.',
  },
  CT2014: {
    title: 'Environment variable names collide',
    explanation:
      'Two values would get the same variable name, such as those of the apps `a-b` and `a_b`. One would silently hide the other.',
    hint: 'Rename one of the apps or instances.',
  },
  CT2015: {
    title: 'Unsupported server version',
    explanation:
      'The server is older or newer than the versions that cotenant is tested on, or lacks a security fix that the walls depend on.',
    hint: 'Use a supported version of the server.',
  },
  CT2016: {
    title: 'App not in the manifest',
    explanation: 'A command names an app that the manifest does not have.',
    hint: '`cotenant status` lists the apps.',
  },
  CT2017: {
    title: 'Reader cannot read this app',
    explanation: 'A reader lists an app whose isolation level lets a login see only its own data.',
    hint: 'Remove the app from the reader, or place it at another level.',
  },
  CT2018: {
    title: 'Share not possible',
    explanation:
      'The manifest declares a share that this engine, or the isolation level of one of the two apps, does not support. The wall stays closed.',
    hint: 'Remove the share, or place the app named in the message at another level.',
  },
  CT2019: {
    title: 'Database name missing',
    explanation: 'An app is at an isolation level that shares a database with other apps, but does not say which database.',
    hint: 'Add `database: <name>` to the placement or to the engine’s defaults.',
  },
  CT2020: {
    title: 'Field without effect',
    explanation: 'A field has no effect at the isolation level of the app. It is ignored.',
    hint: 'Remove the field.',
  },
  CT2021: {
    title: 'Apps disagree about a shared setting',
    explanation: 'Several apps share a database, and their placements disagree about a field that has one value for the whole database.',
    hint: 'Use the same value in each, preferably in the engine’s defaults.',
  },
  CT2022: {
    title: 'Password stored as MD5',
    explanation:
      'The server stores a password as an MD5 hash, or would store new ones that way. Anybody who reads such a hash, in a backup for example, can log in with it without knowing the password.',
    hint: 'Set password_encryption to scram-sha-256 on the server, then set the password again.',
  },
  CT2023: {
    title: 'Left out of the import',
    explanation:
      'A database on the imported server fits no isolation level, so it is not written into the manifest. It is left unchanged, and reports show it as foreign.',
    hint: 'Change what the message names and import again, or add the app to the manifest by hand.',
  },
  CT2024: {
    title: 'Needs review after the import',
    explanation:
      'Something on the imported server could not be written into the manifest exactly, such as a setting that looks like a secret, or a limit that differs between the logins of one app. The manifest has the closest equivalent.',
    hint: 'Read the message and the comment in the manifest, and correct the manifest where it is not what you want.',
  },
  CT2025: {
    title: 'Shared table does not exist yet',
    explanation:
      'A share lists a table or a column that its app has not created yet, or has renamed. It is not shared; the rest of the share is open.',
    hint: 'Run `apply` again once the app has created it. If it should exist already, check the name.',
  },
  CT2026: {
    title: 'Others depend on a share',
    explanation:
      'The view through which an app reads a table of another database would have to be recreated or dropped, but objects of the app depend on it and would be dropped with it; or somebody else has created objects in the schema of the share or on its foreign server. The view is left unchanged. A share that was removed from the manifest is closed all the same.',
    hint: 'Drop the objects named in the message, or move them elsewhere, and run `apply` again.',
  },
  CT2027: {
    title: 'Server may log a password',
    explanation:
      'A share across databases needs a user mapping, whose password is sent in clear text. A superuser can keep that statement out of the log; the admin of a managed service cannot.',
    hint: 'Turn statement logging off while `apply` runs. The login can read what is shared and nothing else.',
  },
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
  CT2042: {
    title: 'Server cannot be managed',
    explanation:
      'The server is a replica, a Sentinel, or one node of a cluster: changes on it are lost, or affect this node only. As a warning: it has replicas that do not receive these changes.',
    hint: 'Use the primary server, or one that is not a cluster.',
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
  CT2048: {
    title: 'Login level not possible here',
    explanation:
      'A login asks for more than the app’s isolation level allows any login: to own tables that several apps share, for example.',
    hint: 'Give the login another level, or the app another isolation level.',
  },
  CT2049: {
    title: 'App has no such login',
    explanation:
      '`--as` names a login that the app does not have on any instance. An app’s logins are listed under `logins` in its placements.',
    hint: 'Use one of the logins listed in the message, or omit `--as`.',
  },
  CT2050: {
    title: 'ACL file differs from the server',
    explanation:
      'The file from which the server loads its users at startup grants an unmanaged user something that it does not have now, or has a user that the server does not. Only its author can tell which is right: a restart brings the file into effect, and ACL SAVE overwrites it. Conversely, ACL SAVE makes permanent what only the running server has. Where the file cannot be read from here, the users that changed since it was last written are listed. It is an error where users are defined in a file that the configuration file includes: saving would define them twice, and the server would no longer start.',
    hint: 'Load the file (ACL LOAD) or overwrite it (ACL SAVE), whichever is right.',
  },
  CT2052: {
    title: 'Not owned by the managed service',
    explanation:
      'Something that the manifest assigns to an app is also listed as kept by the managed service. Its holes would be accepted.',
    hint: 'Remove the name from `service`.',
  },
  CT2053: {
    title: 'Kept by the managed service',
    explanation:
      'The admin of this server cannot close what the message names, because the managed service controls it. Until the manifest accepts it by name, `verify` reports it as a finding.',
    hint: 'To accept it, add the line shown in the hint; every report then lists it.',
  },
  CT2054: {
    title: 'Accepted hole can be closed',
    explanation:
      'The manifest accepts something as kept by the service, but the admin of this server can close it. The entry then has no effect, and `verify` reports what is open.',
    hint: 'Remove the word from `service`.',
  },
};
