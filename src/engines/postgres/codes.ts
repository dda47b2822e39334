import type { Codes } from '../../model/index.ts';

/** Codes of diagnostics that only this engine gives. */
export const codes: Codes = {
  CT2009: {
    title: 'Extension not available',
    explanation:
      'An app lists an extension whose files are not on the server. cotenant creates extensions in databases, but does not install their files on servers.',
    hint: 'Install it on the server, use a server that has it, or remove it from the list.',
  },
  CT2011: {
    title: 'Table unsuited to level rows',
    explanation:
      'At level rows, a table of the shared database has no workspace column, or a key or sequence that lets one workspace see or block another.',
    hint: 'Change the table as the message says; cotenant does not alter an app’s tables.',
  },
  CT2013: {
    title: 'Trusted language installed',
    explanation:
      'A database in which an app may create objects has a trusted procedural language. The app can write functions in it; they run with its own privileges.',
    hint: 'Drop the language where no app needs it.',
  },
  CT2019: {
    title: 'Database name missing',
    explanation: 'An app is at an isolation level that shares a database with other apps, but does not say which database.',
    hint: 'Add `database: <name>` to the placement or to the engine’s defaults.',
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
  CT2028: {
    title: 'Declared login does not exist',
    explanation:
      'The manifest lists a login under `operators:` or `known:`, and the server has no login of that name. cotenant does not create such logins: it has no password for them.',
    hint: 'Create the login on the server and run `apply` again, or remove the entry.',
  },
  CT2029: {
    title: 'Dumps would be incomplete',
    explanation:
      'An operator’s login may read everything, but an app protects its rows with row-level security, which hides them from that login too.',
    hint: 'If the login makes dumps, add the word that lets it bypass row-level security.',
  },
  CT2030: {
    title: 'Delete would affect objects of others',
    explanation:
      'A retired app cannot be deleted yet, because more than the app would be lost: an object of somebody else depends on it, lies in what would be dropped, or would be reached by the delete. Or it cannot be said for sure which rows are the app’s. The message names each such object, its owner, and what of the app it depends on. Where it suggests statements, these free the objects of others and keep all their rows. Nothing was sent to the server.',
    hint: 'Drop or change the objects named in the message, or detach them with the suggested statements, and run `apply` again. With `removal: retain` everything stays as it is.',
  },
  CT2031: {
    title: 'Blocked by a session, prepared transaction or subscription',
    explanation:
      'A prepared transaction, a subscription or a session uses a database, so the database cannot be renamed or dropped; or somebody has a transaction open on tables of a schema that is to be renamed, as a dump does. If a session blocks, the app is left alone and the rest of the plan is applied: a session is ended only if its login was named with `--confirm`. If a prepared transaction or a subscription blocks, the app’s logins are closed all the same. A table that is to get another owner or a guard waits for a prepared transaction, and for a transaction older than half a minute, which would outlast any wait for its lock: an app that is being adopted is then left alone, and for an existing app those tables are skipped. An apply that leaves something waiting ends with exit code 3 and says what blocks it; `plan --detailed-exitcode` exits with 2.',
    hint: 'Wait until what the message names has ended, or end it with the suggested statement, and run the command again. For a removal, pass `--confirm=<login>` if the sessions of that login may be ended.',
  },
  CT2032: {
    title: 'Restored, but not open yet',
    explanation:
      '`restore-app` brings back the app’s objects under their old names. Its logins stay closed until the next `apply`, which opens them as the manifest says. If the manifest does not name the app, that `apply` would retire it again.',
    hint: 'Add the app to the manifest again and run `apply`.',
  },
  CT2066: {
    title: 'Copy that bears a mark',
    explanation:
      'Two databases bear the same mark of this project, as after a dump was restored under another name together with the comment of its database. The one that the manifest or the mark names, or the older one, is the app’s; the other one is taken for nobody’s of this project: it is neither changed nor retired nor dropped. While two bear it the app can neither leave the manifest nor be deleted: the manifest names neither of them then, and the one that is left would be taken for the app’s. A role that bears the mark of an app and has neither a name of the app’s roles nor a membership with one of them is nobody’s of this project either.',
    hint: 'Take the mark out of the comment of the copy, with the statement that the message names.',
  },
  CT2073: {
    title: 'Server functions closed that the manifest leaves open',
    explanation:
      'PUBLIC may not call functions of the server that `relax.logicalMessages` or `advisoryLocks: allow` leaves open. Either cotenant took them when the manifest still closed them, or somebody else did, to harden the server; nothing that is recorded tells which. So PUBLIC is given nothing.',
    hint: 'Run the statement that the message names, or let the manifest close them.',
  },
  CT2067: {
    title: 'Fixed when the database was made',
    explanation:
      'The manifest asks for something that the server decides once, when it makes a database, such as its encoding or locale, and the database that is there has another. No statement changes it, so the plan is refused instead of leaving it unsaid.',
    hint: 'Write what the database has, or move the data into a new database.',
  },
  CT2036: {
    title: 'Left with its owner',
    explanation:
      'An object among those of an app belongs to somebody else: the operator, or a login that the manifest does not name. It keeps its owner and its privileges. If the app became its owner, code would run as somebody else or could be replaced by the app, and the app could read data that was closed to it.',
    hint: 'Nothing needs to be done. If it is plain data of the app, make the role named in the message its owner.',
  },
  CT2077: {
    title: 'Owned by a group that the app shares',
    explanation:
      'The login that an entry adopts has tables, functions or a schema by a role that a login of `operators` or `known` has the rights of as well, as where a replication login and the app are members of the group that owns the tables. What such a role owns stays its own, and the sessions of the app act as its owner role, which is not in that group: the app could neither read nor change what it lives from.',
    hint: 'Write the group as the app’s owner role (`names: { owner: GROUP }`), or make the app’s login the owner and grant the other one what it needs.',
  },
  CT2076: {
    title: 'Not looked into',
    explanation:
      'The plan takes something from somebody, and whoever comes in as that one, by a foreign server, a user mapping or a subscription of this very server, loses it as well. What the message names could not be read by this admin, so nobody is told who that is: it is not proved that nobody else loses anything.',
    hint: 'Let the admin connect there, or look by hand before you agree.',
  },
  CT2037: {
    title: 'Event trigger that runs an app’s code',
    explanation:
      'The function of an event trigger runs in the session of whoever executes DDL in the database, with their privileges. An app that can replace the function can make itself superuser. Nothing is changed on the server until this is corrected.',
    hint: 'Review the function and transfer it to the owner of the event trigger, as the message says, or disable the event trigger.',
  },
  CT2038: {
    title: 'Extension script could call an app’s functions',
    explanation:
      'The script that installs an extension runs with superuser privileges. An app has functions or operators named like built-in ones on the script’s search path, and the server calls the better match: the app could make itself superuser.',
    hint: 'Have the app drop or rename them while the extension is installed, or install the extension yourself in a separate schema.',
  },
  CT2048: {
    title: 'Login level not possible here',
    explanation:
      'A login asks for more than the app’s isolation level allows any login: to own tables that several apps share, for example.',
    hint: 'Give the login another level, or the app another isolation level.',
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
  CT4301: {
    title: 'Level that cannot be backed up',
    explanation: 'At this isolation level the rows of one app cannot be saved alone yet, so nothing of it would be.',
    hint: 'Leave the instance out with `backup: { exclude: [instance] }`, or use another level.',
  },
  CT4302: {
    title: 'Client program missing',
    explanation:
      'A backup is written, and brought back, by the client programs of the server’s own major version: an older one refuses, and a newer one writes what the server does not take whole.',
    hint: 'Install the client of that version and have it in PATH.',
  },
  CT4303: {
    title: 'Dump or restore failed',
    explanation:
      'The server’s client program ended with an error. Nothing was kept, and a restore has changed nothing: it runs in one transaction.',
  },
  CT4304: {
    title: 'Backup does not fit the place',
    explanation:
      'The place of the app differs from the one that was saved in something that cannot be adjusted, such as the schema’s name or an extension.',
  },
  CT4705: {
    title: 'Name cannot stand in a configuration file',
    explanation: 'A server takes the name, but the format of the file that would let it in has no way to write it.',
    hint: 'Give the database or the login another name.',
  },
};
