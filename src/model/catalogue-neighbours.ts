import type { CatalogueEntry } from './catalogue.ts';

/** CT206 what a plan would do to others on the server, or hand to an app of theirs. */
export const neighbourCodes: Readonly<Record<string, CatalogueEntry>> = {
  CT2060: {
    title: 'An operator without a login',
    explanation:
      'The manifest names a login under `operators`, and the server has no account of that name. cotenant makes no logins of operators: their passwords are nobody’s but theirs.',
    hint: 'Make the account first, or take the operator out.',
  },
  CT2061: {
    title: 'An operator may more than the manifest says',
    explanation:
      'A login under `operators` has rights beyond what the words of its `may` stand for. They stay: nothing of an operator is ever taken. The report names them.',
    hint: 'Add a word to `may`, or revoke the rights by hand.',
  },
  CT2062: {
    title: 'Others hang on what would be deleted',
    explanation:
      'A retired app is to be deleted, and something in another database needs what it has: a foreign key, a table that shows its rows, a view, routine, trigger or event that names it, or that runs as one of its accounts. Nothing of the app is deleted.',
    hint: 'Change or drop what the message names, or leave the app retired.',
  },
  CT2063: {
    title: 'What runs with the rights of others',
    explanation:
      'A view, routine or trigger in a database runs with the rights of whoever is its definer, and that is no account of the app. An app or a reader that gets a right on the database gets those rights with it. An error where it would be new, a warning where the login has it already.',
    hint: 'Drop it, make the app’s own login its definer, or let it run with the rights of its caller.',
  },
  CT2064: {
    title: 'An app’s code in every session',
    explanation: 'The server runs something that lies in an app’s database whenever somebody connects: with the rights of whoever that is.',
    hint: 'Take it out of the setting that the message names.',
  },
  CT2065: {
    title: 'Triggers and functions are refused',
    explanation:
      'The server writes a binary log and does not trust those who make functions (log_bin_trust_function_creators=0): it refuses an app that makes a trigger or a function (error 1419). Procedures, views and events work. Servers that cotenant starts are told to trust.',
    hint: 'Set log_bin_trust_function_creators=1 on the server.',
  },
};
