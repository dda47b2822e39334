import type { CatalogueEntry } from './catalogue.ts';

/** CT2028 to CT2039: logins and objects of others, and what stands in the way of a removal. */
export const othersCodes: Readonly<Record<string, CatalogueEntry>> = {
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
      'A retired app cannot be deleted: something that belongs to somebody else would be dropped with it, depends on it, or lies in the database that would be dropped. The message lists each such object with its owner and the object of the app that it depends on. The statements it suggests keep every row of others. Nothing was sent to the server.',
    hint: 'Drop or change the objects named in the message, or give them an owner that stays, then run `apply` again; or set `removal: retain`.',
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
  CT2036: {
    title: 'Left with its owner',
    explanation:
      'An object among those of an app belongs to somebody else: the operator, or a login that the manifest does not name. It keeps its owner and its privileges. If the app became its owner, code would run as somebody else or could be replaced by the app, and the app could read data that was closed to it.',
    hint: 'Nothing needs to be done. If it is plain data of the app, make the role named in the message its owner.',
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
};
