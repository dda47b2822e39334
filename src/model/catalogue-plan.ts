import type { CatalogueEntry } from './catalogue.ts';

/** Desired state and plan: most of them are found before a server is asked. */
export const planCodes: Readonly<Record<string, CatalogueEntry>> = {
  CT2001: {
    title: 'Two claims on one thing',
    explanation:
      'Two apps, readers or placements would get the same database, schema, role, login or other object, perhaps only after names were made from theirs. Each would read and change what belongs to the other.',
    hint: 'Give one of them another name in its placement.',
  },
  CT2002: {
    title: 'A name too long for the engine',
    explanation:
      'The engine holds names up to a number of bytes. Some engines cut a longer name without a word, so that two names become one.',
    hint: 'Shorten the name of the app, or set a shorter name in its placement.',
  },
  CT2003: {
    title: 'A reserved name',
    explanation: 'The name belongs to the engine, to the operator or to cotenant itself, or cannot be a name there at all.',
    hint: 'Set another name in the placement.',
  },
  CT2004: {
    title: 'More connections promised than there are',
    explanation:
      'The connection limits of all apps and readers, with the reserve for operators, are more than the server accepts. It would work until all are busy at once, and then an app that did nothing wrong gets no connection.',
    hint: "Lower some limits, raise the server's own limit, or put a pooler in front.",
  },
  CT2005: {
    title: 'It exists, and cotenant did not make it',
    explanation:
      'An object that an app needs is there already without a mark of cotenant. It is not touched: it may belong to somebody else.',
    hint: 'If it is meant for this app, say so with `adopt: true` in the placement. Otherwise choose another name.',
  },
  CT2006: {
    title: 'It belongs to another app or project',
    explanation: 'An object that an app needs carries the mark of another app, or of another project that shares the server.',
    hint: 'Choose another name. If the app was renamed, keep its old object under the old name in the placement.',
  },
  CT2007: {
    title: 'A retired app has this name',
    explanation:
      'An app of this name was taken out of the manifest earlier, and its data is kept. A new app of the same name would stand beside it and be taken for it. The same goes for its place: at level rows, its workspace and the names of its logins.',
    hint: '`cotenant restore-app NAME` brings it back with its data. To start afresh, drop the retired one first.',
  },
  CT2008: {
    title: "A wall that this admin's rights cannot build",
    explanation:
      'A wall needs a right that the admin login does not have, as happens on managed services. The rest is built; this wall is not there.',
    hint: 'Give the login the right that the message names, or use an isolation level that does not need it.',
  },
  CT2009: {
    title: 'Extension not available',
    explanation:
      'An app asks for an extension, and the server does not have its files. cotenant installs extensions into databases, but not onto servers.',
    hint: 'Install it on the server, use a server that brings it, or take it out of the list.',
  },
  CT2010: {
    title: 'A placement that moved',
    explanation:
      'The level, the database, the schema or the workspace of an app changed in the manifest, but its data lies in the old place. `apply` would make an empty new place and does not move data.',
    hint: 'Change it back, or move the data first.',
  },
  CT2011: {
    title: 'Tables that need attention',
    explanation:
      'At level rows, a table of the shared database has no workspace column, or a key or sequence that lets one workspace see or block another.',
    hint: 'Change the table as the message says; cotenant does not alter tables of an app.',
  },
  CT2012: {
    title: 'A foreign database that every login can enter',
    explanation: 'The server has a database that is not in this manifest, and every login may connect to it, those of the apps included.',
    hint: 'Take CONNECT from everybody there, or let cotenant do it for the whole instance.',
  },
  CT2013: {
    title: 'A trusted language is installed',
    explanation:
      'A procedural language came with a database in which an app may create objects. The app can write functions in it; the language keeps it inside its own rights.',
    hint: 'Drop the language where no app needs it.',
  },
  CT2014: {
    title: 'Environment names that meet',
    explanation:
      'Two values would get one name in an environment, such as those of the apps `a-b` and `a_b`. One would silently hide the other.',
    hint: 'Rename one of the apps or instances.',
  },
  CT2015: {
    title: 'A server version that is not supported',
    explanation:
      'The server is older or newer than the versions that cotenant is tested on, or lacks a security fix that the walls rest on.',
    hint: 'Update the server.',
  },
  CT2016: {
    title: 'App not in the manifest',
    explanation: 'A command names an app that the manifest does not have.',
    hint: '`cotenant status` lists the apps.',
  },
  CT2017: {
    title: 'A reader that cannot read there',
    explanation: 'A reader names an app whose isolation level shows a login nothing but its own data.',
    hint: 'Take the app out of the reader, or place it at another level.',
  },
  CT2018: {
    title: 'A share that cannot be built',
    explanation:
      'The manifest declares a share that this engine, or the isolation level of one of the two apps, has no way to build. The wall stays closed.',
    hint: 'Take the share out, or place the app that the message names at another level.',
  },
  CT2019: {
    title: 'A shared level without a database',
    explanation: 'An app lives at a level that shares a database with others, and does not say which.',
    hint: 'Add `database: <name>` to the placement, or to the defaults of the engine.',
  },
  CT2020: {
    title: 'A field without effect',
    explanation:
      'A field says nothing at the isolation level of the app. It is left in the file for a reason or by mistake; nothing is done about it.',
    hint: 'Remove the field.',
  },
  CT2021: {
    title: 'Apps that say different things about what they share',
    explanation: 'Several apps share a database, and their placements disagree about a field that can only have one value for all of them.',
    hint: 'Write the same value in each, best in the defaults of the engine.',
  },
  CT2022: {
    title: 'A password that is kept as MD5',
    explanation:
      'The server keeps a password as an MD5 hash, or would keep new ones like that. Whoever reads such a hash, in a backup for example, can log in with it without knowing the password.',
    hint: 'Set password_encryption to scram-sha-256 on the server, then set the password again.',
  },
  CT2023: {
    title: 'Left out of the import',
    explanation:
      'A database of the server that was read fits no isolation level as it is, so it is not written into the manifest. It stays as it is, and reports show it as foreign.',
    hint: 'Change what the message names and import again, or add the app to the manifest by hand.',
  },
  CT2024: {
    title: 'To be looked at after the import',
    explanation:
      'Something on the server that was read could not be written into the manifest as it is, such as a setting that looks like a secret or a limit that differs between the logins of one app. The manifest holds what comes closest.',
    hint: 'Read the message and the comment in the manifest, and correct the manifest where it does not say what you want.',
  },
  CT2025: {
    title: 'A shared table that is not there yet',
    explanation:
      'A share names a table or a column that its app has not made yet, or has renamed. Nothing of it is open; the rest of the share is.',
    hint: 'Run `apply` again when the app has made it. Check the name if it should be there.',
  },
  CT2026: {
    title: 'A share that others have built on',
    explanation:
      'A view through which an app reads the table of another database would have to be made again or to go, and the app has built something on it that would go with it; or somebody else has put something of theirs into the schema of the share, or on its foreign server. It stays as it is. A share that was taken out of the manifest is closed all the same.',
    hint: 'Drop what the message names, or give it a place of its own, and run `apply` again.',
  },
  CT2027: {
    title: 'A password that the server may write into its log',
    explanation:
      'A share across databases needs a user mapping, and the server takes its password in clear. A superuser keeps that one statement out of the log; the admin of a managed service has no right to.',
    hint: 'Turn the logging of statements off while `apply` runs. The login can read what is shared and nothing else.',
  },
  CT2040: {
    title: 'Company without a wall',
    explanation:
      'An app is placed where the manifest accepts that there is no wall, and other apps live on the same instance. They would have no wall against it.',
    hint: 'Give the app without a wall an instance of its own.',
  },
  CT2041: {
    title: "The operator's own login",
    explanation: 'An app would get the user that cotenant itself logs in as. Setting it up would lock cotenant out of the server.',
    hint: 'Give the app another user name in its placement.',
  },
  CT2042: {
    title: 'A server that cannot be worked on as it is',
    explanation:
      'The server is a replica, a Sentinel, or one node of a cluster: what is changed on it is lost, or holds on this node only. As a warning: others follow it that do not get what is changed on it.',
    hint: 'Name the primary server, or one that is no cluster.',
  },
  CT2043: {
    title: 'Walls that a restart forgets',
    explanation:
      'The server keeps its users in memory only, so that every wall is gone after a restart; or whether it does cannot be asked with the rights of this login.',
    hint: 'Start the server with a file for its users.',
  },
  CT2044: {
    title: 'A user that needs no login stays open',
    explanation:
      'Whoever connects without logging in has the rights of a user of the server. It cannot be closed: cotenant logs in as it, or replicas do.',
    hint: 'Make a user for the operator, and one for the replicas.',
  },
  CT2045: {
    title: 'A level that this server cannot enforce',
    explanation: 'The server has no means to hold an app at the isolation level that its placement asks for, so nothing is set up.',
    hint: 'Choose another level, use a server that enforces it, or say that no wall is wanted.',
  },
  CT2046: {
    title: 'No such database, or none free',
    explanation:
      'The server has a fixed number of databases. The one that the placement names is not among them, or cannot be had at this level, or all are in use.',
    hint: 'Raise the number in the configuration of the server, or name another one.',
  },
  CT2047: {
    title: 'Limits of the server that protect nobody',
    explanation:
      'The server has no limit of its memory, too few connections, or a policy by which one app pushes the data of the others out. No limit for a single app exists there.',
    hint: 'Set the limits that the message names.',
  },
  CT2048: {
    title: 'A login that its level cannot have',
    explanation:
      'A login of an app is to do what the isolation level of the app gives to nobody, as a login that owns the tables where the tables belong to several apps.',
    hint: 'Give the login another level, or the app another isolation level.',
  },
  CT2049: {
    title: 'No such login of the app',
    explanation:
      '`--as` names a login that the app does not have on any instance. Which ones it has is said by `logins` of its placements.',
    hint: 'Name one of the logins that the message lists, or leave `--as` out.',
  },
  CT2050: {
    title: 'A file of users that says other things than the server',
    explanation:
      'The file from which the server reads its users at a start gives a user that is nobody’s in the manifest something that it does not have now, or has a user that the server does not. Only who wrote it can tell which of the two is meant: a restart brings it, and a save of the access list writes it over. The other way round, a user that only the server has, or has more of, is made lasting by a save. Where the file cannot be read from here, the users that changed since it was last written are named. An error where users stand in a file that the configuration file includes: to write them would make them stand twice, and the server would not start any more.',
    hint: 'Read the file in (ACL LOAD) or write it over (ACL SAVE), as it is meant.',
  },
  CT2052: {
    title: 'Not the service’s',
    explanation:
      'What the manifest gives to an app cannot at the same time be what a managed service keeps for itself: its holes would be accepted.',
    hint: 'Take the name out of `service`.',
  },
  CT2053: {
    title: 'What a managed service keeps for itself',
    explanation:
      'The admin of this server cannot close what the message names: the service keeps it. Until the manifest accepts that by name, `verify` reports it as found.',
    hint: 'Where that is how it should be, write the line that the hint shows; every report lists it from then on.',
  },
  CT2054: {
    title: 'A service that keeps less than was said',
    explanation:
      'The manifest accepts something as kept by the service that the admin of this server can close. It accepts nothing then: what is open is found.',
    hint: 'Take the word out of `service`.',
  },
};
