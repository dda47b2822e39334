import { join } from 'node:path';
import type { Machine } from '../../../src/engine/local.ts';
import { memory } from '../../support/memory.ts';
import { type Entry, versionSaid } from '../../support/roster.ts';
import { type MysqlServer, type Settings, startMysql } from './runtime.ts';
import { type Installation, serverProgram, unpackedInstallation, type Version, versions } from '../../../src/engines/mysql/local/find.ts';

/** One way to get a server of one version. */
export interface MysqlWay {
  readonly version: Version;
  /** As `unpacked`, for the summary. */
  readonly way: Installation['way'];
  start(settings?: Settings): Promise<MysqlServer>;
}

/** Where things are kept between runs. */
export interface Places {
  /** The cache of the checkout, or COTENANT_CACHE. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A server that lives for one test outlives a killed process, and not a power cut. */
const testSettings: Settings = { 'innodb-flush-log-at-trx-commit': 2, 'innodb-buffer-pool-size': '24M', 'innodb-doublewrite': 0 };

/** MariaDB writes no binary log unless it is told to. */
const mysqlSettings: Settings = { ...testSettings, 'disable-log-bin': 1 };

/** The way to get a server of that version; null: this machine has none. */
export function mysqlWay(machine: Machine, places: Places, version: Version): MysqlWay | null {
  const installation = unpackedInstallation(places.cache, version);
  if (!installation || !machine.canRead(installation.base)) return null;
  // The data folder of a test is copied there in a tenth of a second.
  const tempRoot = memory(2 ** 31);
  return {
    version,
    way: installation.way,
    start: async (settings = {}) =>
      await startMysql(machine, {
        installation,
        templates: join(places.cache, 'templates'),
        ...(tempRoot && { tempRoot }),
        settings: { ...(installation.flavor === 'mysql' ? mysqlSettings : testSettings), ...settings },
      }),
  };
}

/** For the list of all engines. */
export function roster(machine: Machine, places: Places): Entry[] {
  return versions.map((name) => {
    const installation = unpackedInstallation(places.cache, name);
    return { name, way: mysqlWay(machine, places, name)?.way ?? null, ...(installation && versionSaid(serverProgram(installation))) };
  });
}
