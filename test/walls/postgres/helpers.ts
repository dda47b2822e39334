import { literal } from '../../../src/engines/postgres/quote.ts';
import type { Attacker, Victim } from './ground.ts';

/** Functions in a schema that exists for one transaction only. They run with the rights of whoever calls them, but for `state`. */
export function helpers(victims: readonly Victim[], attackers: readonly Attacker[]): string {
  const owners = [...victims, ...attackers].map(({ login, role, app }) => [login, role ?? '', app]);
  const whose = owners.flatMap(([login = '', role = '', app = '']) =>
    role === ''
      ? [[login, app]]
      : [
          [login, app],
          [role, app],
        ],
  );
  return `CREATE SCHEMA walls;
GRANT USAGE ON SCHEMA walls TO PUBLIC;
CREATE TABLE walls.whose AS SELECT DISTINCT * FROM (VALUES ${whose.map(([role = '', app = '']) => `(${literal(role)}, ${literal(app)})`).join(', ')}) v (role, app);
CREATE TABLE walls.victims AS SELECT * FROM (VALUES ${[...victims.map(({ app, table, schema, where, role, login }) => `(${[app, table, schema, where ?? '', role ?? login].map(literal).join(', ')})`), `('', '', '', '', '')`].join(', ')}) v (app, rel, space, part, owner) WHERE app <> '';
${STATE}
CREATE TABLE walls.before AS SELECT * FROM walls.state(true);
${CHANGED}
${TRY}
${DAILY}`;
}

/** One line for what each victim has, and one for who is who on the server. */
const STATE = `CREATE FUNCTION walls.state(server boolean) RETURNS TABLE (of text, digest text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $f$
DECLARE v record; d text;
BEGIN
  FOR v IN SELECT * FROM walls.victims WHERE app <> coalesce(current_setting('walls.me', true), '') LOOP
    BEGIN
      EXECUTE format('SELECT md5(coalesce(string_agg(t::text, %L ORDER BY t::text), %L)) FROM %s t %s', ',', '', v.rel, v.part) INTO d;
    EXCEPTION WHEN OTHERS THEN d := 'gone';
    END;
    of := v.app || ': rows'; digest := d; RETURN NEXT;
    SELECT md5(coalesce(string_agg(x, ',' ORDER BY x), '')) INTO d FROM (
      SELECT concat_ws(' ', c.relname, c.relkind, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence) x FROM pg_class c WHERE c.relnamespace = to_regnamespace(v.space) AND pg_get_userbyid(c.relowner) = v.owner
      UNION ALL SELECT concat_ws(' ', a.attrelid::regclass, a.attname, a.atttypid, a.attacl, a.attisdropped, a.attnotnull) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = to_regnamespace(v.space) AND pg_get_userbyid(c.relowner) = v.owner
      UNION ALL SELECT concat_ws(' ', t.tgrelid, t.tgname, t.tgfoid, t.tgenabled) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = to_regnamespace(v.space)
      UNION ALL SELECT concat_ws(' ', r.ev_class, r.rulename, md5(r.ev_action::text)) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = to_regnamespace(v.space) AND pg_get_userbyid(c.relowner) = v.owner
      UNION ALL SELECT concat_ws(' ', p.polrelid, p.polname, pg_get_expr(p.polqual, p.polrelid)) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = to_regnamespace(v.space)
      UNION ALL SELECT concat_ws(' ', o.conname, o.conrelid, o.confrelid) FROM pg_constraint o WHERE o.connamespace = to_regnamespace(v.space)
      UNION ALL SELECT concat_ws(' ', p.proname, p.proowner, p.proacl, p.prosrc) FROM pg_proc p WHERE p.pronamespace = to_regnamespace(v.space) AND pg_get_userbyid(p.proowner) = v.owner
      UNION ALL SELECT concat_ws(' ', t.typname, t.typowner) FROM pg_type t WHERE t.typnamespace = to_regnamespace(v.space) AND pg_get_userbyid(t.typowner) = v.owner
      UNION ALL SELECT concat_ws(' ', n.nspname, n.nspowner, n.nspacl) FROM pg_namespace n WHERE n.oid = to_regnamespace(v.space)
      UNION ALL SELECT concat_ws(' ', l.oid, l.lomowner, md5(b.data::text)) FROM pg_largeobject_metadata l JOIN pg_largeobject b ON b.loid = l.oid WHERE pg_get_userbyid(l.lomowner) = v.owner) s;
    of := v.app || ': objects'; digest := d; RETURN NEXT;
  END LOOP;
  IF NOT server THEN RETURN; END IF;
  SELECT md5(string_agg(x, ',' ORDER BY x)) INTO d FROM (
    SELECT concat_ws(' ', a.rolname, a.rolsuper, a.rolinherit, a.rolcreaterole, a.rolcreatedb, a.rolcanlogin, a.rolreplication, a.rolbypassrls, a.rolpassword) x FROM pg_authid a
    UNION ALL SELECT concat_ws(' ', m.roleid::regrole, m.member::regrole) FROM pg_auth_members m
    UNION ALL SELECT concat_ws(' ', s.setdatabase, s.setrole, s.setconfig) FROM pg_db_role_setting s
    UNION ALL SELECT concat_ws(' ', b.datname, b.datdba, b.datacl, b.datallowconn, b.datconnlimit) FROM pg_database b
    UNION ALL SELECT concat_ws(' ', t.spcname, t.spcowner, t.spcacl) FROM pg_tablespace t) s;
  of := 'the server: logins'; digest := d; RETURN NEXT;
  SELECT string_agg(x, ',') INTO d FROM (
    SELECT concat_ws(' ', count(*), max(p.xmin::text::bigint)) x FROM pg_proc p WHERE p.pronamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    UNION ALL SELECT concat_ws(' ', count(*), max(c.xmin::text::bigint)) FROM pg_class c WHERE c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    UNION ALL SELECT concat_ws(' ', count(*), max(l.xmin::text::bigint)) FROM pg_language l
    UNION ALL SELECT concat_ws(' ', count(*), max(e.xmin::text::bigint)) FROM pg_event_trigger e
    UNION ALL SELECT concat_ws(' ', count(*), max(n.xmin::text::bigint)) FROM pg_namespace n WHERE n.nspname IN ('pg_catalog', 'information_schema')) s;
  of := 'the server: catalogs'; digest := d; RETURN NEXT;
END $f$;`;

const CHANGED = `CREATE FUNCTION walls.changed(server boolean) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS
  $f$ SELECT coalesce(string_agg(n.of, E'\\n'), '') FROM walls.state(server) n JOIN walls.before b ON b.of = n.of WHERE n.digest IS DISTINCT FROM b.digest $f$;
CREATE FUNCTION walls.of(who text) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS
  $f$ SELECT coalesce((SELECT app FROM walls.whose WHERE role = who LIMIT 1), who) $f$;`;

/** Each attempt is undone before the next one. */
const TRY = `CREATE FUNCTION walls.try(queries text[], commands text[]) RETURNS TABLE (kind text, act text, what text) LANGUAGE plpgsql AS $f$
DECLARE one text; said text; changed text; role name;
BEGIN
  FOREACH one IN ARRAY queries LOOP
    BEGIN
      EXECUTE one INTO said;
      changed := CASE WHEN one ~ '^SELECT' THEN '' ELSE walls.changed(one ~ '^WITH f') END;
      RAISE EXCEPTION USING ERRCODE = 'WALLS';
    EXCEPTION WHEN SQLSTATE 'WALLS' THEN
      IF said IS NOT NULL THEN kind := 'said'; act := one; what := said; RETURN NEXT; END IF;
      IF changed <> '' THEN kind := 'changed'; act := one; what := changed; RETURN NEXT; END IF;
    WHEN OTHERS THEN NULL;
    END;
  END LOOP;
  FOREACH one IN ARRAY commands LOOP
    BEGIN
      EXECUTE one;
      changed := walls.changed(true);
      RAISE EXCEPTION USING ERRCODE = 'WALLS';
    EXCEPTION WHEN SQLSTATE 'WALLS' THEN
      IF changed <> '' THEN kind := 'changed'; act := one; what := changed; RETURN NEXT; END IF;
    WHEN OTHERS THEN NULL;
    END;
  END LOOP;
  FOR role IN SELECT rolname FROM pg_catalog.pg_roles WHERE rolname <> session_user LOOP
    BEGIN
      EXECUTE pg_catalog.format('SET LOCAL ROLE %I', role);
      RAISE EXCEPTION USING ERRCODE = 'WALLS';
    EXCEPTION WHEN SQLSTATE 'WALLS' THEN kind := 'became'; act := 'SET ROLE ' || role; what := walls.of(role); RETURN NEXT;
    WHEN OTHERS THEN NULL;
    END;
  END LOOP;
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user) THEN kind := 'became'; act := 'log in'; what := 'superuser'; RETURN NEXT; END IF;
END $f$;`;

/** Whatever fails, fails by itself. */
const DAILY = `CREATE FUNCTION walls.plant(plants text[]) RETURNS void LANGUAGE plpgsql AS $f$
DECLARE one text;
BEGIN
  FOREACH one IN ARRAY plants LOOP
    BEGIN EXECUTE one; EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP;
END $f$;
CREATE FUNCTION walls.note(name text, more text) RETURNS void LANGUAGE sql AS
  $f$ SELECT pg_catalog.set_config('walls.' || name, coalesce(pg_catalog.current_setting('walls.' || name, true), '') || more || E'\\n', false) $f$;
CREATE FUNCTION walls.routine(app text, acts text[]) RETURNS void LANGUAGE plpgsql AS $f$
DECLARE one text; was text := pg_catalog.current_setting('search_path');
BEGIN
  FOREACH one IN ARRAY acts LOOP
    BEGIN EXECUTE one; EXCEPTION WHEN OTHERS THEN PERFORM walls.note('stopped', app); END;
  END LOOP;
END $f$;
CREATE FUNCTION walls.caught(queries text[]) RETURNS TABLE (kind text, act text, what text) LANGUAGE plpgsql AS $f$
BEGIN
  FOREACH act IN ARRAY queries LOOP
    IF act !~ '^SELECT' THEN CONTINUE; END IF;
    BEGIN EXECUTE act INTO what; kind := 'said'; IF what IS NOT NULL THEN RETURN NEXT; END IF;
    EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP;
  kind := 'ran'; act := 'a trap'; what := (SELECT pg_catalog.string_agg(DISTINCT walls.of(x), E'\\n') FROM pg_catalog.regexp_split_to_table(pg_catalog.current_setting('walls.ran', true), E'\\n') x WHERE x <> '');
  IF what IS NOT NULL THEN RETURN NEXT; END IF;
  kind := 'stopped'; act := 'what it laid'; what := (SELECT pg_catalog.string_agg(DISTINCT x, E'\\n') FROM pg_catalog.regexp_split_to_table(pg_catalog.current_setting('walls.stopped', true), E'\\n') x WHERE x <> '');
  IF what IS NOT NULL THEN RETURN NEXT; END IF;
END $f$;`;
