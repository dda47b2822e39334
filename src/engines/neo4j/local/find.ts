import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Jars of a server on this machine, and a Java that runs them. */
export interface Installation {
  /** As `5.26.30`. */
  readonly version: string;
  readonly way: 'unpacked' | 'local';
  /** The folder with the jars. */
  readonly lib: string;
  readonly java: string;
}

/** Where packages and people put the server. */
const HOMES = ['/usr/share/neo4j', '/opt/neo4j', '/usr/local/share/neo4j', '/opt/homebrew/opt/neo4j/libexec'];
const JAVAS = ['/usr/bin/java', '/usr/local/bin/java', '/opt/homebrew/opt/openjdk/bin/java'];

/** Jars that were fetched from Maven Central into `<cache>/neo4j/<version>`. */
export function unpackedInstallations(cache: string): readonly Installation[] {
  const root = join(cache, 'neo4j');
  const names = existsSync(root) ? readdirSync(root).filter((name) => existsSync(join(root, name, '.complete'))) : [];
  return names.flatMap((name) => installationIn(join(root, name, 'lib'), 'unpacked'));
}

/** Servers that the system's packages brought. */
export function localInstallations(): readonly Installation[] {
  return HOMES.flatMap((home) => installationIn(join(home, 'lib'), 'local'));
}

function installationIn(lib: string, way: Installation['way']): readonly Installation[] {
  const version = existsSync(lib) ? versionOf(lib) : null;
  if (version === null) return [];
  const java = javaFor(version);
  return java === null ? [] : [{ version, way, lib, java }];
}

function versionOf(lib: string): string | null {
  for (const name of readdirSync(lib)) {
    const version = /^neo4j-kernel-(\d+(?:\.\d+)+)\.jar$/.exec(name)?.[1];
    if (version !== undefined) return version;
  }
  return null;
}

/** 5.26 wants Java 17 at least, what came after it 21. */
function javaFor(version: string): string | null {
  const needs = Number(version.split('.')[0]) >= 2025 ? 21 : 17;
  return JAVAS.find((java) => (javaVersion(java) ?? 0) >= needs) ?? null;
}

const known = new Map<string, number | null>();

function javaVersion(java: string): number | null {
  const before = known.get(java);
  if (before !== undefined) return before;
  const said = existsSync(java) ? spawnSync(java, ['-version'], { encoding: 'utf8', env: {}, timeout: 20_000 }) : null;
  const found = said?.status === 0 ? /version "(\d+)/.exec(said.stderr)?.[1] : undefined;
  const version = found === undefined ? null : Number(found);
  known.set(java, version);
  return version;
}
