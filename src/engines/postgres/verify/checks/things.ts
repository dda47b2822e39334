import type { Stuck } from '../../../../engine/index.ts';
import { partOf } from '../../part-name.ts';
import { ident } from '../../quote.ts';
import { EXTENSION } from '../../shares/shares.ts';
import { allowedOn } from './databases.ts';
import { checkServersOwn } from './servers-own.ts';
import { OF_TRIGGERS } from '../../judge/code.ts';
import { dropInside, fixInside } from '../findings.ts';
import type { DatabaseContext } from '../database-context.ts';
import { aclOf, outsideProbe, who } from '../rights.ts';
import type { Place } from '../catalog-snapshot.ts';
import { losingAll } from '../losing.ts';
import { revoking } from '../taking.ts';

/** Languages that the server's makers trust, and that every database has. */
const PLAIN = new Set(['sql', 'plpgsql']);

/** Extensions, languages, foreign servers, event triggers, publications, and rights on the server's own functions. */
export function checkThings(inside: DatabaseContext): void {
  const shares = new Set(
    inside.snapshot.shares
      .map((one) => partOf(one.address.name))
      .flatMap(([database, name]) => (database === inside.place.database ? [name] : [])),
  );
  const listed = new Set([...listedExtensions(inside), 'plpgsql', ...(shares.size > 0 ? [EXTENSION] : [])]);
  checkExtensions(inside, listed);
  checkLanguages(inside, listed);
  checkForeign(inside, shares);
  checkTriggers(inside);
  checkServersOwn(inside);
  checkFamilies(inside);
}

function listedExtensions({ snapshot, place }: DatabaseContext): readonly string[] {
  const apps = place.space?.apps ?? snapshot.input.placements.filter(({ app }) => app === place.app);
  return apps.flatMap(({ placement }) => placement.extensions);
}

function checkExtensions({ snapshot, findings, place, catalog }: DatabaseContext, listed: ReadonlySet<string>): void {
  const trusted = new Map(snapshot.shared.extensions);
  for (const [name, owner] of catalog.extensions) {
    findings.judged += 1;
    const holder = place.space ? snapshot.principalOf(owner) : null;
    if (listed.has(name) && (holder === null || holder.kind === 'operator')) continue;
    const fact = {
      from: place.app,
      to: place.app === null ? place.target : null,
      statement: `pg_extension of ${place.database}`,
      answer: listed.has(name)
        ? `${name} belongs to ${owner}, who can drop it and what rests on it`
        : `${name}, which the manifest does not ask for`,
    };
    // An app may install these in its own database, and in a shared one where the manifest lets it.
    if (trusted.get(name) === true || listed.has(name)) {
      const mayCreate = place.space?.apps.some(
        ({ app, placement }) => placement.relax.createOnDatabase && app === snapshot.principalOf(owner)?.name,
      );
      if (place.space && snapshot.principalOf(owner) !== null && !mayCreate)
        findings.add('E9', { ...fact, from: snapshot.principalOf(owner)?.name ?? null });
      continue;
    }
    const id = name === 'pg_stat_statements' ? 'P06' : name.startsWith('pl') ? 'P14l' : 'P16';
    findings.add(id, { ...fact, stuck: asked(name, place) });
  }
}

/** Nothing is dropped on which an app may rest: the manifest asks for it, or people drop it. */
function asked(name: string, { database, app, space }: Place): Stuck {
  const whose = app ?? space?.apps[0]?.app;
  const entry = whose === undefined ? '' : `\`extensions: [${name}]\` in the placement of ${whose} says that it is wanted; else `;
  return { accepted: false, why: `${entry}DROP EXTENSION ${ident(name)} in "${database}" by hand ends it, and what rests on it.` };
}

function checkLanguages({ snapshot, findings, place, catalog }: DatabaseContext, listed: ReadonlySet<string>): void {
  for (const [name, , trusted] of catalog.languages) {
    if (PLAIN.has(name) || !trusted || listed.has(name)) continue;
    const untrusted = name === 'c' || name === 'internal' || name.endsWith('u');
    if (name === 'c')
      for (const one of snapshot.principalsOf(place.database).filter((principal) => allowedOn(place, principal).includes('T')))
        findings.add('P14', { from: one.name, to: null, statement: `pg_language of ${place.database}`, answer: 'c is marked as trusted' });
    findings.add('P14l', {
      from: place.app,
      to: place.app === null ? place.target : null,
      statement: `pg_language of ${place.database}`,
      answer: untrusted ? `${name} is marked as trusted` : `${name} may be used by every login, and the manifest does not ask for it`,
      ...(untrusted
        ? {
            fix: losingAll(
              snapshot,
              place,
              fixInside(place.database, `UPDATE pg_catalog.pg_language SET lanpltrusted = false WHERE lanname = '${name}'`),
              `functions in ${name} in "${place.database}"`,
            ),
          }
        : { verdict: 'LEAK' as const }),
    });
  }
}

function checkForeign({ snapshot, findings, place, catalog }: DatabaseContext, shares: ReadonlySet<string>): void {
  for (const [name, owner, items] of catalog.foreignServers) {
    if (shares.has(name)) continue;
    const users = Object.keys(aclOf(items, {})).filter((grantee) => grantee === '' || snapshot.holders(grantee).length > 0);
    const owned = snapshot.holders(owner).length > 0;
    findings.add('P16h', {
      from: place.app,
      to: place.app === null ? place.target : null,
      statement: `pg_foreign_server of ${place.database}`,
      answer: `${name}${users.length > 0 ? `, which ${users.map(who).join(', ')} may use` : ''}${owned ? `, of ${owner}` : ''}`,
    });
  }
  for (const [server, role] of catalog.userMappings) {
    if (shares.has(server)) continue;
    if (role !== '' && snapshot.holders(role).length === 0) continue;
    findings.add('P16m', {
      from: role === '' ? place.app : (snapshot.principalOf(role)?.name ?? null),
      to: place.app === null ? place.target : null,
      statement: `pg_user_mappings of ${place.database}`,
      answer: `${who(role)} on server ${server}`,
    });
  }
}

function checkTriggers({ snapshot, findings, place, catalog }: DatabaseContext): void {
  for (const [name, owner, functionOwner] of catalog.eventTriggers) {
    const principal = snapshot.principalOf(functionOwner) ?? snapshot.principalOf(owner);
    if (!principal) continue;
    findings.add('E9', {
      from: principal.name,
      to: null,
      statement: `pg_event_trigger of ${place.database}`,
      answer: `${name} runs a function of ${functionOwner} in whoever's session`,
      // It fires no event trigger itself, and can be taken back.
      fix: outsideProbe(principal.kind)
        ? []
        : dropInside(place.database, `ALTER EVENT TRIGGER ${ident(name)} DISABLE`).map((one) => ({
            ...one,
            statement: { ...one.statement, op: OF_TRIGGERS },
          })),
    });
  }
  for (const [name, owner, all] of catalog.publications) {
    const principal = snapshot.principalOf(owner);
    if (!all || !principal) continue;
    findings.add('E9', {
      from: principal.name,
      to: place.app === principal.name ? null : place.target,
      statement: `pg_publication of ${place.database}`,
      answer: `${name}, of ${owner}, publishes all tables`,
    });
  }
}

/** Functions of the server that PUBLIC loses in every database of ours, unless the manifest leaves them open. */
function checkFamilies({ snapshot, findings, place, catalog }: DatabaseContext): void {
  for (const [family, id] of [
    ['logical-messages', 'P20'],
    ['advisory-locks', 'D3'],
  ] as const) {
    if (snapshot.leavesOpen(place.database, family)) continue;
    const open = catalog.families.filter(([of, , acl]) => of === family && (acl === null || acl.some((item) => item.startsWith('='))));
    if (open.length === 0) continue;
    const fact = {
      statement: `access list of ${family === 'logical-messages' ? 'pg_logical_emit_message' : 'the advisory lock functions'} in ${place.database}`,
      answer: 'PUBLIC may call it',
      stuck: snapshot.limits.functions(family),
      fix: [...Map.groupBy(open, ([, , acl]) => JSON.stringify(acl)).values()].flatMap((alike) =>
        revoking(
          snapshot,
          null,
          {
            on: `FUNCTION ${alike.map(([, signature]) => `pg_catalog.${signature}`).join(', ')}`,
            what: `${family === 'logical-messages' ? 'pg_logical_emit_message' : 'the advisory lock functions'} in "${place.database}"`,
            place,
            owner: '',
            items: alike[0]?.[2] ?? null,
            ...(alike[0]?.[2] ? {} : { acl: { '': 'X' } }),
          },
          { grantee: '', letters: 'X' },
        ),
      ),
    };
    if (place.app === null) findings.add(id, { ...fact, from: null, to: place.target });
    else
      for (const one of snapshot.principalsOf(place.database))
        findings.add(id, { ...fact, from: one.name, to: one.name === place.app ? null : place.target });
  }
}
