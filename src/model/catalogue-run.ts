import type { Codes } from './catalogue.ts';

/** CT3 connection and engine · CT4 apply · CT6 local servers and verify · CT9 the program itself. */
export const runCodes: Codes = {
  CT3001: {
    title: 'Instance unreachable',
    explanation:
      'No connection to the server could be made: nothing listens at the address, or no route leads there. Only this instance is left out; the others are planned and applied.',
    hint: 'Check that the server is up, and that the address and port are right as seen from here.',
  },
  CT3002: {
    title: 'Credentials refused',
    explanation: 'The server answered, but rejected the admin login: its name, its password, or an account that is locked.',
    hint: 'Check the user in `url` and the secret that `password` points to.',
  },
  CT3003: {
    title: 'Statement failed',
    explanation:
      'The server refused a statement. The steps of the same unit were rolled back if the engine can do that; earlier steps stay, and the next apply continues from the state of the server.',
    hint: "Read the server's error in the message, correct the cause and run apply again.",
  },
  CT3004: {
    title: 'Connection lost',
    explanation: 'The connection broke while a step was running. The next run reads from the server whether that step took effect.',
    hint: 'Run apply again.',
  },
  CT3005: {
    title: 'No address',
    explanation: 'The instance has no valid `url`, and the command needs one to reach the server.',
    hint: 'Add `url` to the instance.',
  },
  CT3006: {
    title: 'Cannot be imported',
    explanation: 'The address given to `import` is not a URL, or is the URL of a server that `import` does not support.',
    hint: 'Use a URL with one of the schemes listed in the message.',
  },
  CT3007: {
    title: 'Server never started',
    explanation: 'The instance has no `url`, so cotenant runs its server locally, but it has never been started.',
    hint: 'Run `cotenant up`, or add the `url` of an existing server.',
  },
  CT3008: {
    title: 'Sessions did not end',
    explanation:
      'A privilege was revoked from a login and its sessions were terminated, but some of them were still there after the wait. Until they end, they can use what was revoked. The next apply ends them first.',
    hint: 'Find out what keeps them, such as a long rollback, and run apply again.',
  },
  CT3010: {
    title: 'Address of a pooler',
    explanation:
      'The address of the instance is that of a connection pooler. Session state, such as the lock of a run, settings and temporary objects, does not belong to one client behind a pooler: a lock would stay behind on a pooled session and block every later run.',
    hint: 'Use the address of the server itself in `url`, and set the address for the apps in `pooler`.',
  },
  CT3011: {
    title: 'Admin connection without TLS',
    explanation:
      'The server is on another machine, and the admin’s connection to it would not be encrypted: anybody on the network path could read and change what is sent, and log in with it. Nobody connects until the manifest says which it is to be. Also: the server asked for the password in clear text over such a connection; it was not sent.',
    hint: 'Turn TLS on: `sslmode: require` or stricter, or an address whose scheme stands for TLS. `sslmode: disable`, or `tls: { mode: disable }`, declares that the network is trusted.',
  },
  CT3012: {
    title: 'Unusable file for TLS',
    explanation:
      'A file that `tls` or the URL names cannot be read, is no PEM certificate, or the private key does not belong to the certificate. No connection was opened.',
    hint: 'Name PEM files; relative paths start from the folder of the manifest.',
  },
  CT3013: {
    title: 'Host not found',
    explanation: 'The name of the host in the URL has no address, or the name server does not answer.',
    hint: 'Check the host in `url`, and the DNS of this machine.',
  },
  CT3014: {
    title: 'No answer in time',
    explanation:
      'Nothing came back before the deadline (10 s, or `connect_timeout` in the URL). Either nothing took the connection, as behind a firewall, or something took it and did not talk: the message says which.',
    hint: 'Check the host and the port; if they are right, whether the server is stuck.',
  },
  CT3015: {
    title: 'Another protocol',
    explanation: 'Something answers at the address, but it is not a server of this engine. The message quotes its first words.',
    hint: 'Check the host and the port in `url`.',
  },
  CT3016: {
    title: 'Certificate not accepted',
    explanation:
      'The server’s certificate is signed by nobody whom this machine trusts, has expired, or is for another name than the one in the URL. No login was sent.',
    hint: 'Name the certificate of your own authority with `tls: { ca: { file: PATH } }`, or correct the certificate of the server. Do not lower `tls.mode` on a network that you do not trust.',
  },
  CT3017: {
    title: 'TLS does not match',
    explanation:
      'The manifest asks for TLS and the server has none, or the server wants TLS or a client certificate and the manifest has none, or the two have no version or cipher in common.',
    hint: 'Set `tls` of the instance as the server wants it, or the server as the manifest says.',
  },
  CT3018: {
    title: 'Not admitted',
    explanation:
      'The server does not let this login in from this machine or into this database, whatever its password: its rules for hosts and accounts, or a database that is closed to it.',
    hint: 'Let the login in on the server; the message has the server’s own reason.',
  },
  CT3019: {
    title: 'No free connection',
    explanation: 'All connections of the server, or those of the admin login, are in use.',
    hint: 'End idle sessions, or raise the limit. `reserve` under `connections` keeps some free of apps.',
  },
  CT3020: {
    title: 'No such database',
    explanation: 'The server accepted the login, but the database in the URL does not exist.',
    hint: 'Write a database that exists into `url`.',
  },
  CT3021: {
    title: 'No password given',
    explanation:
      'The server asks for the password of the admin login, and the manifest has none. What other clients read, such as files in the home folder and variables of their own, is not read.',
    hint: 'Add `password: { env: NAME }` or `password: { file: PATH }` to the instance.',
  },
  CT3022: {
    title: 'Server not ready',
    explanation: 'The server is starting, shutting down or reading its data, and takes no sessions yet.',
    hint: 'Try again when it is up.',
  },
  CT4002: {
    title: 'The plan is stale',
    explanation: 'The manifest or the server has changed since the plan was saved. Applying it could undo what changed in between.',
    hint: 'Make a new plan and review it.',
  },
  CT4003: {
    title: 'Consent required',
    explanation:
      'The plan has steps that take locks, revoke privileges or delete data, and they were not confirmed: there is no terminal to ask on, or --no-input was given.',
    hint: 'Review the plan and pass --yes.',
  },
  CT4004: {
    title: 'Confirmation required',
    explanation: 'A step would delete data. It runs only if you repeat the name of what it deletes.',
    hint: 'Pass --confirm=<name> with the name that the plan shows.',
  },
  CT4005: {
    title: 'Unusable plan file',
    explanation: 'The file does not exist, is not a plan, has another format, or was changed after it was saved.',
    hint: 'Create a new one with `cotenant plan --out FILE`.',
  },
  CT4007: {
    title: 'The plan has errors',
    explanation: 'The plan has errors, so it is shown but not applied.',
    hint: 'Correct the errors shown with it.',
  },
  CT4008: {
    title: 'File already exists',
    explanation: 'A command would overwrite an existing file. The file is left unchanged.',
    hint: 'Move the file away, or choose another name.',
  },
  CT4009: {
    title: 'Login outside the manifest would lose something',
    explanation:
      'According to the servers’ catalogs, a login that is no app’s or reader’s would have less access after the plan: a backup, a monitor, a pooler, somebody’s personal login. --yes never covers that, also where the manifest names the login: you have to repeat the login’s name (`login:blog` where something else in the plan is confirmed by that very name). The plan’s section “Who loses what” has the details.',
    hint: 'List it under `operators:` or `known:` so that it keeps its access, or pass --confirm=<login>.',
  },
  CT4010: {
    title: 'New passwords for logins that are in use',
    explanation:
      'Some apps’ logins are in use with passwords that this secret store does not have: it is another store, as in a colleague’s clone, or the store was lost. An apply would set new passwords, so every running app would be locked out until it gets them, and whoever has the other store would do the same in turn.',
    hint: 'Copy the store here (it can be sealed for several people: see docs/secrets.md), or enter each password with `cotenant credentials set`. Pass --confirm=new-passwords if you want new ones.',
  },
  CT4011: {
    title: 'Operation not supported',
    explanation: 'The app has no instance whose engine supports the operation.',
    hint: 'Check where the app is placed: cotenant status.',
  },
  CT4012: {
    title: 'Invalid arguments',
    explanation: 'The operation was given unknown arguments, or values of the wrong type.',
    hint: 'See the help of the command.',
  },
  CT4013: {
    title: 'Stream broken',
    explanation:
      'Two steps run at the same time, and one consumes what the other produces. One of them ended early, so the other could not continue; a partial result is discarded.',
    hint: 'Check why the other step ended, and run the same command again.',
  },
  CT4014: {
    title: 'Step interrupted',
    explanation: 'The run was interrupted during this step. It stopped at a point from which it can resume.',
    hint: 'Run the same command again.',
  },
  CT4020: {
    title: 'Client not installed',
    explanation: '`cotenant connect` opens the server’s own client, and none of its programs is on this machine.',
    hint: 'Install the client that the message names, or add its folder to PATH.',
  },
  CT4015: {
    title: 'No fix while edits are not applied',
    explanation:
      '`verify --fix` judges by the current manifest. While that differs from what was last applied, something that running apps use can look unwanted, and a fix would revoke it. Nothing is sent either where the plan itself is refused.',
    hint: 'Run cotenant apply, or revert the manifest, and verify again.',
  },
  CT6001: {
    title: 'Local server failed to start',
    explanation: 'A server that cotenant started exited before it answered.',
    hint: 'The message has the end of its log.',
  },
  CT6002: {
    title: 'Local server not ready in time',
    explanation: 'A server that cotenant started is running, but did not answer in time.',
    hint: 'The machine may be busy, or the port in use. Try again.',
  },
  CT6003: {
    title: 'Program cannot be started',
    explanation: 'A program that a local server needs is missing or not executable.',
    hint: 'Install it, or correct its path.',
  },
  CT6004: {
    title: 'No user or folder for a local server',
    explanation:
      'Database servers refuse to run as root. This process runs as root, and no other user was found, or no folder that such a user can enter.',
    hint: 'Run as an ordinary user, or choose a folder that one can enter.',
  },
  CT6005: {
    title: 'Server files cannot be copied',
    explanation: 'The programs of a local server could not be copied to a folder that its user can read.',
    hint: 'Check the free disk space and the permissions of the folder.',
  },
  CT6010: {
    title: 'Local server cannot be set up',
    explanation:
      'The data folder of a local server could not be created, entered or found again, or its program does not run on this machine.',
    hint: "The message has the server's own error.",
  },
  CT6101: {
    title: 'No proof for this engine yet',
    explanation:
      '`apply` builds the walls of this engine, but this version cannot prove them by attack. Nothing was attempted, so nothing is claimed.',
    hint: 'Verify the instances of other engines.',
  },
  CT6102: {
    title: 'No login to attack with',
    explanation:
      'The manifest has an app or a reader on this instance, but no login of it can be used, so nothing was attempted as that app or reader.',
    hint: 'Run cotenant apply first.',
  },
  CT6103: {
    title: 'Nothing was attempted',
    explanation:
      'An app was to attack, but none of its attempts proves anything: a refusal counts only beside something that the same login was allowed to do.',
    hint: 'Run verify again; if it stays, look at the other findings about this app.',
  },
  CT6104: {
    title: 'Catalogs not analysed',
    explanation:
      'The half of the proof that reads the catalogs as the operator analysed nothing, so holes that no attack tries were not looked for.',
    hint: 'Check the operator’s privileges on this instance, and run verify again.',
  },
  CT6105: {
    title: 'No checks for this engine yet',
    explanation: '`doctor` reached the instance, and this version knows nothing to look for on its engine. Nothing is claimed of it.',
    hint: 'Look at the instances of other engines.',
  },
  CT9001: {
    title: 'Internal error',
    explanation: 'The program reached a state that should be impossible. This is a bug in cotenant, not in the manifest.',
    hint: 'Report it with the text of the error, which contains no secrets.',
  },
  CT9002: {
    title: 'File cannot be written',
    explanation: 'An output file could not be written.',
    hint: 'Check the free disk space and the permissions of its folder.',
  },
  CT9003: {
    title: 'Password file cannot be read',
    explanation: 'The password file named on the command line does not exist or is not readable.',
    hint: 'Check its path and permissions.',
  },
  CT9004: {
    title: 'File of names cannot be read',
    explanation: '--confirm=@FILE reads names from a file, one per line. The file does not exist or cannot be read.',
    hint: 'Write the names into the file, one per line; lines that begin with # are ignored.',
  },
  CT9005: {
    title: 'Invalid command line',
    explanation:
      'A command, option or argument is unknown, missing or has no such value. Nothing was done. It is in the document that `--json` asked for; people read the same line without a code.',
    hint: '`cotenant help COMMAND` has its arguments and options.',
  },
};
