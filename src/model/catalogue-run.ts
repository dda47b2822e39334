import type { CatalogueEntry } from './catalogue.ts';

/** CT3 connection and engine · CT4 apply · CT6 local servers and verify · CT9 the program itself. */
export const runCodes: Readonly<Record<string, CatalogueEntry>> = {
  CT3001: {
    title: 'Instance unreachable',
    explanation:
      'No connection to the server came about before the deadline. Only this instance is left out; the others are planned and applied.',
    hint: 'Is the server up, and are address, port and TLS right as seen from here?',
  },
  CT3002: {
    title: 'Credentials refused',
    explanation: 'The server answered and refused the admin login.',
    hint: 'Check the user in `url` and what `password` points at.',
  },
  CT3003: {
    title: 'A statement failed',
    explanation:
      'The server refused a statement. The steps of its unit were rolled back where the engine can do that; what was done before stays, and the next apply goes on from what the server has.',
    hint: "Read the server's own words in the message; correct the cause and run apply again.",
  },
  CT3004: {
    title: 'Connection lost',
    explanation: 'The connection broke while a step was running. Whether that step took effect is read from the server at the next run.',
    hint: 'Run apply again.',
  },
  CT3005: {
    title: 'No address',
    explanation: 'The instance has no `url`, and the command works on a server that it can reach by one.',
    hint: 'Add `url` to the instance.',
  },
  CT3006: {
    title: 'Nothing that can be imported',
    explanation: 'The address given to `import` is no URL, or names a kind of server that cannot be read into a manifest.',
    hint: 'Give a URL with one of the schemes that the message names.',
  },
  CT3007: {
    title: 'A server that was never started',
    explanation: 'The instance has no `url`, so cotenant starts its server, and nobody has asked for that yet.',
    hint: 'Run `cotenant up`, or add the `url` of a server that is there.',
  },
  CT3008: {
    title: 'Sessions that did not end',
    explanation:
      'Something was taken from a login, its sessions were told to end, and some of them were still there after the wait. Until they are gone they can use what was taken. The next apply ends them first.',
    hint: 'See what keeps them, as a long rollback, and run apply again.',
  },
  CT3010: {
    title: 'A pooler, and not the server',
    explanation:
      'The address of the instance leads to a connection pooler. What a session holds, as the lock of a run, its settings and temporary things, does not stay with a connection to a pooler: a lock would stay behind on a pooled session and keep every later run out.',
    hint: 'Name the server itself in `url`. Where the apps go is said by `pooler` of the instance.',
  },
  CT3011: {
    title: 'The admin’s connection without TLS',
    explanation:
      'The server is on another machine, and the connection of the admin to it is not encrypted: whoever is on the way can read and change what is sent, and log in with what they saw. As an error: a server asked for the password itself, in clear, over such a connection; it was not sent.',
    hint: 'Turn TLS on: `sslmode: require` or stricter, a `rediss://` address. `sslmode: disable` says that the network is trusted.',
  },
  CT4001: {
    title: 'Another apply is running',
    explanation:
      'One apply at a time works on an instance. Another one holds its lock; the message says who and since when. The lock ends with the connection of its holder.',
    hint: 'Wait for it, or give --lock-timeout.',
  },
  CT4002: {
    title: 'The plan is stale',
    explanation: 'The manifest or the server has changed since the plan was saved. Applying it could undo what happened in between.',
    hint: 'Make a new plan and look at it again.',
  },
  CT4003: {
    title: 'Consent needed',
    explanation:
      'The plan has steps that take locks, take rights away or end data, and nobody agreed to them: there is no terminal to ask at, or --no-input is given.',
    hint: 'Look at the plan and give --yes.',
  },
  CT4004: {
    title: 'Confirmation needed',
    explanation: 'A step would end data. It runs only when the name of what it ends is repeated.',
    hint: 'Give --confirm=<name> with the name that the plan shows.',
  },
  CT4005: {
    title: 'The plan file cannot be used',
    explanation: 'The file is not there, is not a plan, is of another format, or was changed after it was saved.',
    hint: 'Make it again with `cotenant plan --out FILE`.',
  },
  CT4006: {
    title: 'Interrupted',
    explanation:
      'The run was stopped. The step that was running was ended; those after it did not start. The server is in a state that the next apply goes on from.',
    hint: 'Run apply again.',
  },
  CT4007: {
    title: 'The plan has errors',
    explanation: 'The plan holds errors, so it is shown but not applied.',
    hint: 'Correct the errors that stand beside it.',
  },
  CT4008: {
    title: 'The file is there already',
    explanation: 'A command would write a file that exists. It is left as it is.',
    hint: 'Move the file away, or name another one.',
  },
  CT4009: {
    title: 'A login that the manifest does not name would lose something',
    explanation:
      'The servers’ own tables say that a login which is nobody’s in the manifest could do less after the plan: a backup, a monitor, a pooler, somebody’s own login. That is never part of --yes: its name has to be repeated. The section “Who loses what” of the plan lists it all.',
    hint: 'Name it under `operators:` or `known:` so that it keeps what it has, or give --confirm=<login>.',
  },
  CT4010: {
    title: 'New passwords for logins that are in use',
    explanation:
      'Logins of apps that are in use have passwords which this secret store does not know: the store is another one, as in a colleague’s clone, or it was lost. An apply would give them new passwords, so every running app would be locked out until it is told, and whoever has the other store would do the same in turn.',
    hint: 'Bring the store here (it can be sealed for several people: see docs/secrets.md), or hand in each password with `cotenant credentials set`. Give --confirm=new-passwords where new ones are meant.',
  },
  CT4011: {
    title: 'Nothing that can do this',
    explanation: 'The app has no instance whose engine knows the operation.',
    hint: 'Look where the app lives: cotenant status.',
  },
  CT4012: {
    title: 'Arguments of another form',
    explanation: 'The operation was asked for with arguments that it does not know, or with values of another kind.',
    hint: 'Look at the help of the command.',
  },
  CT4013: {
    title: 'The other end of a stream has gone',
    explanation:
      'Two steps work at the same time, and one takes what the other makes. One of them has ended early, so that the other one could not go on; nothing is made of half of it.',
    hint: 'Look at why the other step ended, and run the same command again.',
  },
  CT4014: {
    title: 'Told to stop',
    explanation: 'The run was interrupted while this step was at work. It ended at a place from which it can go on.',
    hint: 'Run the same command again.',
  },
  CT4015: {
    title: 'No fix beside an edit that is not applied',
    explanation:
      'A fix is judged by the manifest as it is now. While that asks for something else than what was applied last, what living apps use looks like what nobody asked for: a fix would take it from them. Nor does a fix send anything where the plan itself is refused.',
    hint: 'Run cotenant apply, or put the manifest back, and verify again.',
  },
  CT6001: {
    title: 'A local server ended at its start',
    explanation: 'A server that cotenant started for itself ended before it answered.',
    hint: 'The end of its log stands in the message.',
  },
  CT6002: {
    title: 'A local server was not ready in time',
    explanation: 'A server that cotenant started runs, but did not answer before the deadline.',
    hint: 'The machine may be busy, or the port taken. Try again.',
  },
  CT6003: {
    title: 'A program cannot be started',
    explanation: 'A program that a local server needs is not there or may not be run.',
    hint: 'Install it, or correct its path.',
  },
  CT6004: {
    title: 'No user or folder for a local server',
    explanation:
      'Database servers refuse to run as root. This process is root, and no other user, or no folder that such a user can enter, was found.',
    hint: 'Run as an ordinary user, or name a folder that one can enter.',
  },
  CT6005: {
    title: 'Server files cannot be copied',
    explanation: 'The programs of a local server could not be copied to where the user that it runs as can read them.',
    hint: 'Check the space on the disk and the rights of the folder.',
  },
  CT6010: {
    title: 'A local server cannot be set up',
    explanation:
      'The data folder of a local server could not be made, entered or found again, or its program does not run on this machine.',
    hint: "The server's own words stand in the message.",
  },
  CT6101: {
    title: 'No proof for this engine yet',
    explanation:
      'The walls of this engine are built by `apply`, but this version cannot prove them by attack. Nothing was tried, so nothing is claimed.',
    hint: 'Verify the instances of other engines, or wait for a version that can.',
  },
  CT6102: {
    title: 'No login to attack with',
    explanation:
      'The manifest has an app or a reader on this instance, and the server offers no login of it, so nothing was tried in its name.',
    hint: 'Run cotenant apply first.',
  },
  CT6103: {
    title: 'Nothing was tried',
    explanation:
      'An app was to attack and made no attempt that proves something: a refusal counts only beside something that the same login was allowed to do.',
    hint: 'Run verify again; where it stays, look at the other findings on this app.',
  },
  CT6104: {
    title: 'The catalogs were not judged',
    explanation:
      'The half of the proof that reads the catalogs as the operator judged nothing, so what no attack reached yet was not looked for.',
    hint: 'Look at the rights of the operator on this instance, and run verify again.',
  },
  CT9001: {
    title: 'Internal error',
    explanation: 'The program met a state that it holds to be impossible. This is a mistake in cotenant, not in the manifest.',
    hint: 'Report it with the text of the error. No secret is in it.',
  },
  CT9002: {
    title: 'A file could not be written',
    explanation: 'An output file could not be written.',
    hint: 'Check the space and the rights of its folder.',
  },
  CT9003: {
    title: 'The password file cannot be read',
    explanation: 'The file that the command line names for a password does not exist or may not be read.',
    hint: 'Check its path and rights.',
  },
  CT9004: {
    title: 'A file of names cannot be read',
    explanation: '--confirm=@FILE takes its names from a file, one a line. The file is not there, or cannot be read.',
    hint: 'Write the names into the file, each on a line of its own; lines that begin with # are left out.',
  },
};
