import type { CatalogueEntry } from './catalogue.ts';

/** CT2028 to CT2039: logins and objects of others, and what stands in the way of a removal. */
export const othersCodes: Readonly<Record<string, CatalogueEntry>> = {
  CT2028: {
    title: 'A login that the manifest names is not there',
    explanation:
      'The manifest names a login of the operator, or a known one, and the server has none of that name. cotenant makes no such logins: it knows no password for them.',
    hint: 'Make the login on the server and run `apply` again, or take the entry out.',
  },
  CT2029: {
    title: 'A dump that will not be whole',
    explanation:
      'A login of the operator may read everything, and an app keeps its rows behind row level security, which hides them from that login too.',
    hint: 'Add the right that reads past row level security where the login makes dumps.',
  },
  CT2030: {
    title: 'A delete that would reach what is of others',
    explanation:
      'A retired app cannot be deleted: something of somebody else would go with it, or needs it, or lies in the database that would be dropped. The message names every such object, its owner and what of the app it hangs on. The statements that it gives keep every row of others. Nothing was sent.',
    hint: 'Drop or change what the message names, or give it to somebody who stays, then run `apply` again; or set `removal: retain`.',
  },
  CT2031: {
    title: 'Something holds what is to be adopted, changed, retired, restored or dropped',
    explanation:
      'A prepared transaction, a subscription or somebody’s session holds a database, so that it can get no other name and cannot be dropped; or somebody is in the middle of a transaction with tables of a schema that gets another name, as a dump is. Where a session holds it, nothing of the app is done and everything else of the plan is: a session is ended only where its login was named with `--confirm`. Where a prepared transaction or a subscription holds it, the app has lost its logins all the same. A table that is to get another owner or a guard waits for a prepared transaction, and for a transaction that is older than half a minute, which would outlast any wait for its lock: of an app that is adopted nothing is done then, of one that is there already those tables are left as they are. An apply that leaves something waiting ends with exit code 3 and says whose it is; `plan --detailed-exitcode` gives 2.',
    hint: 'Let what the message names end, or end it with the statement that it gives, and run the command again; or, at a removal, pass `--confirm=<login>` where its sessions may be ended.',
  },
  CT2032: {
    title: 'Restored, and not open yet',
    explanation:
      '`restore-app` brings back what an app had, under its names. Its logins stay closed until the next `apply`, which opens them as the manifest says; an app that the manifest does not name would be retired again by it.',
    hint: 'Put the app back into the manifest, and run `apply`.',
  },
  CT2036: {
    title: 'Left to whoever owns it',
    explanation:
      'Somebody else has something among what belongs to an app: the operator, or a login that the manifest does not name. It keeps its owner and its rights. Handed over, code would run as somebody else or be replaced by the app, and data would be open to it that was not.',
    hint: 'Nothing has to be done. If it is plain data of the app, give it to the role that the message names.',
  },
  CT2037: {
    title: 'An event trigger that runs code of an app',
    explanation:
      'The function of an event trigger runs in the session of whoever changes something in the database, with their rights. An app that may replace it can make itself superuser. Nothing is changed on the server until that is put right.',
    hint: 'Read the function, and give it to the owner of the event trigger as the message says, or disable the event trigger.',
  },
  CT2038: {
    title: 'An extension among functions of an app',
    explanation:
      'The script that installs an extension runs with the rights of a superuser. An app has functions or operators with names of the server’s own where the script looks for them, and the one that matches better is called: the app could make itself superuser.',
    hint: 'Have the app drop or rename them while the extension is installed, or install it yourself in a schema of your own.',
  },
};
