import type { ProbeInfo } from '../../../../engine/index.ts';
import { probe } from '../probe.ts';

/** Between the schemas of one database, and rights on single objects at any level. */
export const schemaProbes: readonly ProbeInfo[] = [
  probe('S01', 'both', 'BREACH', {
    title: 'Another app’s schema and what is in it',
    attack: 'A login has a right on the schema of an app that shares the database, or on a table, view, column or sequence in it.',
    example: "SELECT has_schema_privilege('s_b', 'USAGE'); SELECT * FROM s_b.secrets",
    why: 'The schema and its objects are two walls: with one of them down, a single mistake opens the data.',
    hardening: 'REVOKE ALL ON SCHEMA s_b FROM PUBLIC and from every role of another app; the same for the objects.',
    levels: ['schema'],
  }),
  probe('S10', 'both', 'BREACH', {
    title: 'CREATE on a shared database',
    attack:
      'A login makes schemas and trusted extensions in a database that it shares: it takes names that others need, and drops what others use.',
    example: "SELECT has_database_privilege(current_database(), 'CREATE')",
    why: 'DROP EXTENSION … CASCADE takes columns out of other apps’ tables.',
    hardening: 'REVOKE CREATE ON DATABASE … FROM …; `relax.createOnDatabase` keeps it open on purpose.',
    levels: ['schema', 'rows'],
  }),
  probe('L1', 'attack', 'BREACH', {
    title: 'More than the login of an app is for',
    attack:
      'A login that is at `rw` or `read` makes or changes tables of its app, switches row level security off, becomes the owner, or writes where it may only look.',
    example: 'ALTER TABLE orders DISABLE ROW LEVEL SECURITY',
    why: 'What the app walls off between its own users, and what only its migrations may change, is open to whoever takes over the app.',
    hardening: 'The login is a member of `<app>_rw` or `<app>_ro` and of nothing else; tables belong to `<app>_owner`.',
    levels: ['database', 'schema', 'rows'],
  }),
  probe('L2', 'analysis', 'BREACH', {
    title: 'A login of an app that may become another role of it',
    attack: 'A login is, through any chain of memberships, in a group of its own app that its level does not give it.',
    example: 'SET ROLE app_a_owner  -- by a login at `rw`',
    why: 'What the login was kept from in its own app is open to it: DDL, rows behind policies, or writing at all.',
    hardening: 'REVOKE the membership; the level of the login is said in the manifest, by `logins`.',
    levels: ['database', 'schema'],
  }),
  probe('S12', 'analysis', 'BREACH', {
    title: 'Objects in a place of another owner',
    attack: 'An app’s schema holds an object of the operator or of another app, or an app owns an object in a schema that is not its own.',
    example: 'DROP TABLE s_a.ops_tbl  -- by the owner of s_a',
    why: 'The owner of the schema can drop it, the owner of the object can read and change it: each is inside the other’s wall.',
    hardening: 'ALTER TABLE … OWNER TO …, or move it into a schema of its own.',
  }),
  probe('S14', 'analysis', 'BREACH', {
    title: 'Functions planted where others look',
    attack: 'A function or operator of an app lies in a schema that stands in other apps’ search_path.',
    example: 'CREATE FUNCTION public.lower(varchar) …  -- copies its argument',
    why: 'The other app calls it without knowing, with its own data.',
    hardening: 'DROP FUNCTION; REVOKE CREATE ON SCHEMA public FROM PUBLIC.',
    levels: ['schema', 'rows'],
  }),
  probe('S20', 'both', 'BREACH', {
    title: 'TRIGGER on another app’s table',
    attack: 'A login puts a trigger on the table; its function runs with the rights of whoever writes.',
    example: 'GRANT TRIGGER ON s_b.orders TO app_a',
    why: 'The next write of the other app reads all its data for the attacker.',
    hardening: 'REVOKE TRIGGER ON … FROM …; never GRANT ALL across apps.',
  }),
  probe('S21', 'both', 'LEAK', {
    title: 'REFERENCES on another app’s table',
    attack: 'A foreign key into the table tells which values exist, and makes the other app’s DELETE fail.',
    example: 'CREATE TABLE s_a.fk(x int REFERENCES s_b.tgt)',
    why: 'An oracle for keys, and a brake on the other app.',
    hardening: 'REVOKE REFERENCES ON … FROM …',
  }),
  probe('S22', 'both', 'STARVE', {
    title: 'MAINTAIN and TRUNCATE on another app’s table',
    attack: 'A login locks the table against everybody, or empties it.',
    example: 'LOCK TABLE s_b.safe IN ACCESS EXCLUSIVE MODE',
    why: 'The other app stands still, or loses its rows.',
    hardening: 'REVOKE MAINTAIN, TRUNCATE ON … FROM …; no membership in pg_maintain.',
  }),
  probe('S30', 'analysis', 'BREACH', {
    title: 'Another app’s data through an object of somebody else',
    attack:
      'A view, materialized view, rule, partition or function carries what an app has to a login of another one, in whatever schema it lies and whoever made it.',
    example: 'CREATE VIEW public.peek AS SELECT * FROM s_b.orders; GRANT SELECT ON public.peek TO app_a',
    why: 'It works with the rights of its owner: the wall between the two apps is not asked.',
    hardening: 'REVOKE the right on it; a view WITH (security_invoker = true); a share, where it is meant.',
  }),
  probe('S31', 'analysis', 'BREACH', {
    title: 'Code of another app that runs in an app’s sessions',
    attack:
      'A trigger, default, constraint, index, policy, rule, view, domain, aggregate, operator, operator class, cast or function body runs code that another app owns, and may replace at any time.',
    example: 'CREATE TRIGGER t BEFORE INSERT ON s_b.orders FOR EACH ROW EXECUTE FUNCTION s_a.fn()',
    why: 'The function runs with the rights of whoever touches the table: it grants its owner everything that they have.',
    hardening: 'DROP what calls it, or give the function to the app whose table it is.',
  }),
  probe('S32', 'analysis', 'BREACH', {
    title: 'Things that hang together with another app’s',
    attack:
      'A partition, child, type, collation, sequence, text search configuration, publication, view or cascading key of one app is part of what another app has, or rests on it.',
    example: 'CREATE TABLE s_a.ev_1 PARTITION OF s_b.ev DEFAULT',
    why: 'Its owner reads, forges or drops what the other app takes for its own rows and columns, or keeps the other from changing them.',
    hardening: 'DETACH PARTITION, NO INHERIT, DROP CONSTRAINT, or a type of the app’s own.',
  }),
  probe('S33', 'analysis', 'LEAK', {
    title: 'Rights that nobody asked for',
    attack:
      'Apps may write to a table of the operator in a database that they share, or read it. Where it has the columns of an app’s table, it may be a copy of its rows, in any database.',
    example: 'GRANT INSERT, SELECT ON public.board TO PUBLIC',
    why: 'What one app writes there another one reads, or the operator does; the manifest names no such place.',
    hardening: 'REVOKE it; a share, where one app has something for another.',
  }),
  probe('S34', 'analysis', 'BREACH', {
    title: 'What a reader of another app runs',
    attack:
      'A view or policy of an app that a share, a reader or an operator reads calls a function that runs a text as a statement, or changes the session: it does so with the rights of whoever reads.',
    example: "CREATE POLICY p ON s_a.pages USING (query_to_xml('SELECT * FROM s_b.orders', true, false, '') IS NOT NULL)",
    why: 'A share or a reader is meant to read, and is read instead; it can be made to write as well.',
    hardening:
      'DROP the view or policy, or end the share or the reader. In policies and views that others read, use functions that only compute.',
    levels: ['schema'],
  }),
];
