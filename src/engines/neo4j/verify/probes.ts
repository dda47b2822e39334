import { type ProbeInfo, probePages } from '../../../engine/index.ts';

const probe = probePages('NE', ['instance']);

const CSV =
  'Set dbms.security.allow_csv_import_from_file_urls=false, server.directories.import to an empty folder, and start the server again.';

const closed: readonly ProbeInfo[] = [
  probe('ID', 'attack', 'BREACH', {
    title: 'Who the app is',
    attack: 'The app logs in with its own credentials and asks who it is.',
    example: 'SHOW CURRENT USER',
    why: 'With the credentials of somebody else nothing of this proof would mean anything.',
    hardening: 'cotenant apply, then cotenant env.',
  }),
  probe('A1', 'both', 'BREACH', {
    title: 'Login with a wrong password',
    attack: 'Somebody logs in with a password that nobody has.',
    example: 'cypher-shell -u app_a -p wrong',
    why: 'Whoever is let in is an administrator of the server.',
    hardening: 'Set dbms.security.auth_enabled=true and start the server again.',
  }),
  probe('A2', 'attack', 'BREACH', {
    title: 'The password of a new server',
    attack: 'Somebody logs in as neo4j with the password neo4j.',
    example: 'cypher-shell -u neo4j -p neo4j',
    why: 'Every new server has it until it is changed, and its user is an administrator.',
    hardening: "ALTER USER neo4j SET PASSWORD '…'",
  }),
  probe('A3', 'attack', 'BREACH', {
    title: 'Login of somebody else',
    attack: 'The app uses its own password with the name of another user, and a retired app its old one.',
    example: 'cypher-shell -u admin, with the password of app_a',
    why: 'Two users with one password are one user, and a retired app is to be gone.',
    hardening: 'Give each user a password of its own; cotenant apply drops the user of a retired app.',
  }),
  probe('N05', 'both', 'BREACH', {
    title: 'Files of the server through LOAD CSV',
    attack: 'The app reads a file with the rights of the server.',
    example: "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    why: 'It reads what lies on the machine of the server: with a bare configuration any file.',
    hardening: CSV,
  }),
  probe('N05h', 'attack', 'BREACH', {
    title: 'Addresses of the server’s machine through LOAD CSV',
    attack: 'The app has the server fetch a URL of its own machine or network.',
    example: "LOAD CSV FROM 'http://127.0.0.1/' AS line RETURN line",
    why: 'It reaches services that trust the machine of the server.',
    hardening: 'Set internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0 and start the server again, or close it with a firewall.',
  }),
  probe('N06', 'analysis', 'BREACH', {
    title: 'Procedures of plugins',
    attack: 'The app calls procedures that read files, fetch URLs or run statements as the server.',
    example: "CALL apoc.load.json('http://127.0.0.1/')",
    why: 'What a plugin does, it does with the rights of the server.',
    hardening: 'Remove the plugin, name what is wanted in `procedures` of the instance, and list it in dbms.security.procedures.allowlist.',
  }),
  probe('N27', 'analysis', 'BREACH', {
    title: 'Procedures without limits',
    attack: 'The app calls a procedure that may use the inner parts of the server.',
    example: 'SHOW SETTINGS, dbms.security.procedures.unrestricted',
    why: 'Such a procedure gets past every check of the server.',
    hardening: 'Leave dbms.security.procedures.unrestricted empty and start the server again.',
  }),
  probe('H1', 'attack', 'BREACH', {
    title: 'HTTP without a login',
    attack: 'A statement is sent over HTTP without a login.',
    example: 'curl -d \'{"statements":[{"statement":"RETURN 1"}]}\' http://host:7474/db/neo4j/tx/commit',
    why: 'Whoever reaches the port reads and changes everything.',
    hardening: 'Set dbms.security.auth_enabled=true, or server.http.enabled=false.',
  }),
  probe('H2', 'analysis', 'BREACH', {
    title: 'HTTP paths that ask for no login',
    attack: 'A request goes to a path that is excepted from logging in.',
    example: 'SHOW SETTINGS, dbms.security.http_auth_allowlist',
    why: 'Besides the pages of the browser nothing has to be open.',
    hardening: 'Set dbms.security.http_auth_allowlist to its default.',
  }),
  probe('U1', 'analysis', 'BREACH', {
    title: 'Users that the manifest does not name',
    attack: 'A user of somebody else reads and changes what the app has.',
    example: 'SHOW USERS',
    why: 'Each user of Community is an administrator.',
    hardening: 'Drop the user, or accept it under `known`.',
  }),
  probe('U2', 'analysis', 'BREACH', {
    title: 'A mark that can log in',
    attack: 'Somebody gives the user that bears a mark of cotenant a password, and logs in as it.',
    example: 'ALTER USER `cotenant@…` SET PASSWORD … CHANGE NOT REQUIRED',
    why: 'It is an administrator that looks like a mark.',
    hardening: 'cotenant apply gives it a password that nobody knows.',
  }),
  probe('L1', 'analysis', 'STARVE', {
    title: 'Transactions without limits',
    attack: 'A transaction takes all the memory, or never ends.',
    example: 'SHOW SETTINGS, db.memory.transaction.max, dbms.memory.transaction.total.max, db.transaction.timeout',
    why: 'The server and everybody on it stands still, the operator included.',
    hardening: 'Set the three limits and start the server again.',
  }),
  probe('E1', 'analysis', 'BREACH', {
    title: 'Another edition',
    attack: 'The server was exchanged for one of another edition, or got databases by a plugin.',
    example: 'CALL dbms.components()',
    why: 'What is proved here is proved for Community with one database.',
    hardening: 'Use Community with one app on each instance.',
  }),
];

/** What no setting closes. Told always. */
export const residualProbes: readonly ProbeInfo[] = [
  probe('R1', 'analysis', 'BREACH', {
    title: 'Every user is an administrator',
    attack: 'The app changes users and their passwords, drops the operator, reads settings, and ends what others run.',
    example: 'ALTER USER neo4j SET PASSWORD …; SHOW SETTINGS; TERMINATE TRANSACTIONS …',
    why: 'Community has no roles. Nothing of others may be on such a server.',
    hardening: 'One app on each instance; Enterprise has roles.',
  }),
  probe('R2', 'analysis', 'STARVE', {
    title: 'Timeouts that a client lifts',
    attack: 'A client asks for a transaction with a timeout of 0.',
    example: 'session.beginTransaction({ timeout: 0 })',
    why: 'db.transaction.timeout is a default and no limit.',
    hardening: 'Watch SHOW TRANSACTIONS, and end what goes on too long.',
  }),
  probe('R3', 'analysis', 'STARVE', {
    title: 'Memory that is not counted',
    attack: 'An expression builds a value as large as the heap.',
    example: "RETURN reduce(s = 'x', i IN range(1, 40) | s + s)",
    why: 'Limits of transactions count rows and not what an expression makes: the server runs out of memory.',
    hardening: 'Let what starts the server start it again.',
  }),
  probe('R4', 'analysis', 'STARVE', {
    title: 'Wrong passwords lock a user out',
    attack: 'Somebody tries three wrong passwords for a user.',
    example: 'dbms.security.auth_max_failed_attempts',
    why: 'For five seconds nobody is let in as that user, not even with the right one.',
    hardening: 'Restrict the port to known addresses.',
  }),
  probe('R5', 'analysis', 'LEAK', {
    title: 'Releases with known holes',
    attack: 'A flaw of the server that is fixed in a later release.',
    example: 'CALL dbms.components()',
    why: 'CVE-2026-1471, before 5.26.22 and 2026.01.4.',
    hardening: 'The latest patch release.',
  }),
];

/** Everything that `verify` tries, reads, or tells that it cannot close. */
export const probes: readonly ProbeInfo[] = [...closed, ...residualProbes];
