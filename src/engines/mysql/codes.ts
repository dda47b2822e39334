import type { Codes } from '../../model/index.ts';

/** Codes of diagnostics that only this engine gives. */
export const codes: Codes = {
  CT2062: {
    title: 'Others depend on what would be deleted',
    explanation:
      'A retired app is to be deleted, but something in another database depends on it: a foreign key, a table that shows its rows, a view, routine, trigger or event that refers to it or runs as one of its accounts. Nothing of the app is deleted.',
    hint: 'Change or drop the objects named in the message, or leave the app retired.',
  },
  CT2063: {
    title: 'Code that runs with another account’s privileges',
    explanation:
      'A view, routine or trigger in a database runs with the privileges of its definer, which is not an account of the app. An app or a reader that is granted access to the database gains those privileges too. This is an error where the access would be new, and a warning where the login has it already.',
    hint: 'Drop it, make the app’s own login its definer, or change it to SQL SECURITY INVOKER.',
  },
  CT2064: {
    title: 'App code that runs in every session',
    explanation:
      'Whenever somebody connects, the server runs code that is stored in an app’s database, with the privileges of the connecting user.',
    hint: 'Remove it from the setting named in the message.',
  },
  CT2065: {
    title: 'Triggers and functions are refused',
    explanation:
      'The server writes a binary log and does not trust function creators (log_bin_trust_function_creators=0), so an app cannot create a trigger or a function (error 1419). Procedures, views and events work. On servers that cotenant starts, the setting is 1.',
    hint: 'Set log_bin_trust_function_creators=1 on the server.',
  },
  CT2069: {
    title: 'Patterns of one login that rank alike',
    explanation:
      'A login that is not an app’s has grants on two patterns that fit the same database and that MariaDB ranks alike. Only one of them counts there, and the server puts them in another order with any GRANT or REVOKE. So the login may gain or lose what the message names.',
    hint: 'Grant by name on each database instead.',
  },
  CT2072: {
    title: 'Grant that no REVOKE takes',
    explanation:
      'The server knows names of databases and tables in lower case only (lower_case_table_names), and a row of its tables of grants has one otherwise: it was written past GRANT. It counts as if it stood in lower case, but a REVOKE does not find it, and the server says that it did.',
    hint: 'Write the row in lower case, with the statement that the message names. Where it stands there in lower case as well, the two become one: of such rows each is told when the one before is put right.',
  },
  CT2075: {
    title: 'Account that would gain by another host’s row',
    explanation:
      'Below the level of the server, rights are looked up by the name of the user and the host of the client, whichever account let it in; of the rows that fit, only the one with the nearest host counts. Where the plan takes the row of an account, or gives more to the same user for more hosts, that other row would count for it, and it would have more of an app’s data than it has now. The plan is refused. For a login under `known` or `operators` it is a warning.',
    hint: 'List the account under `known`, add its host to the `hosts` of the app that it is of, or close it by hand.',
  },
  CT4001: {
    title: 'Another apply is running',
    explanation:
      'Only one apply at a time may work on an instance. Another one holds its lock; the message says who and since when. The lock is released when its holder’s connection ends.',
    hint: 'Wait for it to end, or pass --lock-timeout.',
  },
  CT4316: {
    title: 'Dump client missing',
    explanation:
      'A backup is written by the dump client of the server’s own product: mysqldump of MySQL, mariadb-dump of MariaDB. It has to be of the server’s series or a newer one: an older one leaves out what came later.',
    hint: 'Install it and have it in PATH.',
  },
  CT4317: {
    title: 'Dump client or restore failed',
    explanation:
      'The dump client ended with an error, or ended well and named one; or a statement of a backup failed. Nothing was kept, and what a restore had made was removed again.',
  },
  CT4318: {
    title: 'Backup that the app’s login cannot make or bring back',
    explanation:
      'A backup is read, and brought back, with the rights of the app alone. Something is not there for its login: a login that is an owner, the text of a routine that somebody else has made, the right to events; or the place differs from the one that was saved in something that cannot be adjusted.',
  },
  CT4319: {
    title: 'Database that was a drill’s',
    explanation:
      'A drill that was cut short has left a row in the ledger, and there is a database of that name without the account that every drill makes first. So it may be somebody else’s by now, and was not touched. The drills of others go on.',
  },
};
