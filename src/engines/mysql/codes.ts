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
  CT4001: {
    title: 'Another apply is running',
    explanation:
      'Only one apply at a time may work on an instance. Another one holds its lock; the message says who and since when. The lock is released when its holder’s connection ends.',
    hint: 'Wait for it to end, or pass --lock-timeout.',
  },
};
