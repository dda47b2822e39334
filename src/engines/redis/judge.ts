import type { Observation } from '../../engine/index.ts';
import type { Diagnostic } from '../../model/index.ts';
import type { Input } from './compile/draft.ts';
import { DEFAULT_USER } from './names.ts';
import { basisOf } from './observe/basis.ts';
import { compareVersions, factsOf, type ServerFacts } from './observe/server.ts';
import { isSeen } from './spec.ts';

/** Connections that some sockets which never log in can take: less than this are gone in a moment. */
const FEW_CLIENTS = 1000;

type Found = Omit<Diagnostic, 'instance'>;

/** What the server's version, settings and limits stand against. */
export function judge(input: Input, observation: Observation): readonly Diagnostic[] {
  const facts = factsOf(observation.server);
  const found = [
    ...judgeVersion(facts),
    ...judgeSaving(input, facts),
    ...judgeDefault(input, observation, facts),
    ...judgeDatabases(input, observation, facts),
    ...judgeMemory(input, facts),
  ];
  return found.map((one) => ({ ...one, instance: input.name }));
}

function judgeVersion({ product, version, cluster, sentinel, role, follows, replicas }: ServerFacts): readonly Found[] {
  const out: Found[] = [];
  if (compareVersions(version, '7.0') < 0) {
    const message = `${product} ${version} has no ACL DRYRUN and no selectors, so its walls can be neither verified nor marked`;
    out.push({ code: 'CT2015', severity: 'error', message, hint: 'use Redis 7 or Valkey 7.2, or newer' });
  }
  if (cluster) {
    out.push({
      code: 'CT2042',
      severity: 'error',
      message: 'the server is a node of a cluster, where each node has its own users',
      hint: 'this version of cotenant does not support clusters',
    });
  }
  if (sentinel) {
    const message = 'the server is a Sentinel: it watches other servers and keeps no keys';
    out.push({ code: 'CT2042', severity: 'error', message, hint: 'use the address of the primary in `url`: SENTINEL MASTERS tells it' });
  } else if (role !== '' && role !== 'master') {
    const message = `the server is a replica${follows === '' ? '' : ` of ${follows}`}: changes on it are lost`;
    out.push({ code: 'CT2042', severity: 'error', message, hint: 'use the address of the primary in `url`' });
  } else if (replicas > 0) {
    const message = `${replicas} ${replicas === 1 ? 'server follows' : 'servers follow'} this one and get its keys, but not its users: no app can log in there, and the walls are missing`;
    const hint = 'copy the ACL file to each of them and run ACL LOAD before one of them becomes the primary';
    out.push({ code: 'CT2042', severity: 'warning', message, hint });
  }
  return out;
}

function judgeSaving({ config }: Input, { saving }: ServerFacts): readonly Found[] {
  if (saving === 'none' && !config.unsavedAcl) {
    const message = 'the server has neither an aclfile nor a configuration file: after a restart there are no users and no walls';
    const hint = 'start it with --aclfile FILE, or accept it with `unsavedAcl: true`';
    return [{ code: 'CT2043', severity: 'error', message, hint }];
  }
  if (saving === 'unknown') {
    const message = 'it is unknown whether the users survive a restart: CONFIG GET is refused';
    return [{ code: 'CT2043', severity: 'warning', message, hint: 'check the documentation of the server’s provider' }];
  }
  return [];
}

function judgeDefault({ config }: Input, observation: Observation, facts: ServerFacts): readonly Found[] {
  const seen = observation.resources.find((one) => isSeen(one, 'default-user'));
  if (!seen || !isSeen(seen, 'default-user') || !seen.spec.enabled || config.defaultUser === 'keep') return [];
  if (facts.user === DEFAULT_USER && seen.spec.noPassword) {
    return [
      {
        code: 'CT2044',
        severity: 'error',
        message: 'anybody who can connect is administrator of the server: the user `default` needs no password, and cotenant logs in as it',
        hint: 'create an administrator (ACL SETUSER admin on >PASSWORD ~* &* +@all, then ACL SAVE), name it in `url`, and apply closes `default`',
      },
    ];
  }
  if (facts.user !== DEFAULT_USER && facts.defaultReplicas > 0) {
    const message = `the user \`default\` stays open: ${facts.defaultReplicas} replicas are logged in as it`;
    const hint = 'create a separate user for the replicas (masteruser, masterauth), then apply closes `default`';
    return [{ code: 'CT2044', severity: 'warning', message, hint }];
  }
  return [];
}

function judgeDatabases(input: Input, observation: Observation, facts: ServerFacts): readonly Found[] {
  const { databases: numbers, lost } = basisOf(observation);
  return input.placements.flatMap(({ app, placement, path }): Found[] => {
    if (placement.isolation !== 'database') return [];
    if (!facts.databaseRules && !placement.unenforced) {
      const message = `app "${app}": on ${facts.product} ${facts.version} databases are not walls, because there are no \`db=\` rules`;
      const hint = 'use `isolation: prefix`, or Valkey 9.1; `unenforced: true` accepts that there is no wall';
      return [{ code: 'CT2045', severity: 'error', message, hint, path }];
    }
    const number = numbers.get(app) ?? null;
    const had = lost.get(app);
    if (number === null && had !== undefined) {
      const message = `app "${app}": its user is gone, and database ${had}, where it had its keys, is somebody else's by now`;
      const hint = 'look at whose keys lie there; then say which database the app gets: `database`';
      return [{ code: 'CT2046', severity: 'error', message, hint, path }];
    }
    if (number === null || number >= facts.databases) {
      const which = number === null ? 'no database is free' : `there is no database ${number}`;
      const message = `app "${app}": ${which}: the server has ${facts.databases}`;
      return [{ code: 'CT2046', severity: 'error', message, hint: 'raise `databases` in the configuration of the server', path }];
    }
    return [];
  });
}

function judgeMemory({ config, placements }: Input, facts: ServerFacts): readonly Found[] {
  const out: Found[] = [];
  const evicts = facts.policy !== '' && facts.policy !== 'noeviction';
  if (evicts && config.eviction === 'refuse' && placements.length > 1) {
    const message = `maxmemory-policy is ${facts.policy}: an app that writes a lot evicts the keys of others`;
    out.push({
      code: 'CT2047',
      severity: 'warning',
      message,
      hint: 'CONFIG SET maxmemory-policy noeviction; `eviction: allow` accepts it',
    });
  }
  if (facts.maxmemory === 0) {
    const message = 'maxmemory is not set: one app can take all the memory of the machine';
    out.push({ code: 'CT2047', severity: 'warning', message, hint: 'CONFIG SET maxmemory to what the machine can spare' });
  }
  if (facts.maxclients >= 0 && facts.maxclients < FEW_CLIENTS) {
    const message = `maxclients is ${facts.maxclients}: that many sockets, even without logging in, lock everybody out`;
    out.push({ code: 'CT2047', severity: 'warning', message, hint: 'raise maxclients, and restrict the port to known addresses' });
  }
  return out;
}
