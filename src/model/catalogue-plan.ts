import type { Codes } from './catalogue.ts';

/** Desired state and plan: most of them are found before a server is asked. */
export const planCodes: Codes = {
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
      'An object that an app needs exists already and does not carry cotenant’s mark, or keys lie where a new app is to have its own. It is left alone: it may belong to somebody else.',
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
  CT2010: {
    title: 'Placement changed',
    explanation:
      'The level, database, schema or workspace of an app was changed in the manifest, but its data is still in the old place. `apply` does not move data: it would create an empty new place.',
    hint: 'Change it back, or move the data first.',
  },
  CT2012: {
    title: 'Foreign database open to every login',
    explanation: 'The server has a database that is not in this manifest, and every login may connect to it, including those of the apps.',
    hint: 'Revoke CONNECT from PUBLIC there, or let cotenant do it for the whole instance.',
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
  CT2020: {
    title: 'Field without effect',
    explanation: 'A field has no effect at the isolation level of the app. It is ignored.',
    hint: 'Remove the field.',
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
  CT2042: {
    title: 'Server cannot be managed',
    explanation:
      'The server is a replica, a Sentinel, or one node of a cluster: changes on it are lost, or affect this node only. As a warning: it has replicas that do not receive these changes.',
    hint: 'Use the primary server, or one that is not a cluster.',
  },
  CT2049: {
    title: 'App has no such login',
    explanation:
      '`--as` names a login that the app does not have on any instance. An app’s logins are listed under `logins` in its placements.',
    hint: 'Use one of the logins listed in the message, or omit `--as`.',
  },
  CT2051: {
    title: 'No such instance',
    explanation: 'The command names an instance that the manifest does not have.',
    hint: 'Use one of the instances under `instances`.',
  },
  CT2055: {
    title: 'Several instances to choose from',
    explanation: 'The command works on one instance, and the app is, or could be, on several.',
    hint: 'Name it with `--on`.',
  },
  CT2056: {
    title: 'App cannot be added to the file',
    explanation:
      '`cotenant add app` changes nothing but its own line. The file has a form in which that is not possible, or the app to copy has no entry of its own.',
    hint: 'Edit the file by hand.',
  },
  CT2060: {
    title: 'Operator without a login',
    explanation:
      'The manifest names a login under `operators`, and the server has no account of that name. cotenant does not create logins for operators: their passwords are theirs alone.',
    hint: 'Create the account first, or remove the operator from the manifest.',
  },
  CT2061: {
    title: 'Operator with more privileges than declared',
    explanation:
      'A login under `operators` has privileges beyond what its `may` stands for. They stay: cotenant never revokes anything from an operator. The report lists them.',
    hint: 'Add a word to `may`, or revoke the privileges by hand.',
  },
  CT2068: {
    title: 'Mark lost',
    explanation:
      'Something that an app had bears no mark any more: somebody wrote over it or deleted it. The server no longer says whose it is. While the manifest names it and enough is left that proves it, `apply` puts the mark back. Where the app left the manifest and only signs are left (a name, a password of it in the secret store, what it shares with the rest of the app), it is left as it is, and everything that is still open there stays open.',
    hint: 'Put the mark back with the statement that the message names, and run `apply` again.',
  },
  CT2070: {
    title: 'More sessions open than the limit would let in',
    explanation:
      'An entry takes over a login that has no limit of its own and does not say one, and more sessions of it are open than the usual limit lets in. After an apply the app could open no new ones. A limit that the login has is kept, whether it is higher than the usual one or lower.',
    hint: 'Set `connections` to what the app needs.',
  },
  CT2071: {
    title: 'Mark that proves nothing',
    explanation:
      'A role, user or database bears a mark of this project that somebody else could have written, or copied. Where marks are comments, the owner of a database writes its comment, a role with ADMIN OPTION that of its members, and a restored dump brings the comment of its database along. An app that the manifest does not name is known by what only an operator can have given it: memberships between its roles that an operator gave, a password in the secret store, a database that is the operator’s, and its retired name where it was put aside. A role that was put aside is known by such memberships, by the password that the server keeps, or by its name where it is closed and has nothing to do with others; a name alone is nobody’s proof, since anybody who makes a role may call it so. Where marks stand in the access list, a user is known by the manifest, by the password that only the secret store has, or by its name where that is its app’s; a login of `operators` or `known` is no app’s. Without these the object is taken for nobody’s of this project: it is neither changed nor retired nor dropped.',
    hint: 'Take the mark off with the statement that the message names. If it is the app’s after all, put the memberships back, make the operator the owner of the database, or give a database that was put aside its retired name back.',
  },
  CT2074: {
    title: 'Two entries for one server',
    explanation:
      'Entries under `instances` lead to one and the same server, by another address, through a proxy, or with another database or login. Each would be planned as if the other were not there: what one gives its apps, the other would take for somebody else’s and close, and both would lay claim to the same names, limits and settings. The server itself said so; two servers of which one is a copy or a replica of the other are told apart.',
    hint: 'Keep one of the entries, and let `uses` of every app name that one.',
  },
};
