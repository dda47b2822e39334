import type { Assumption, Cost, Estimate, EstimateRow } from '../model/index.ts';
import { bytes } from '../util/bytes.ts';

export interface EstimatedServer {
  readonly instance: string;
  readonly engine: string;
  /** As the manifest has them. */
  readonly apps: number;
  readonly connections: number | null;
  /** Bytes of one server that several apps share, and of one that a single app has. */
  readonly memory: number;
  readonly ownMemory: number;
  /** A server of this kind has one app in any case. */
  readonly oneApp: boolean;
}

export interface EstimateInput {
  readonly servers: readonly EstimatedServer[];
  /** In the manifest. */
  readonly apps: number;
  /** As many apps are meant, like those of the manifest. */
  readonly wanted: number;
  /** Bytes that an app takes on a server besides what that takes anyway. */
  readonly appMemory: number;
  /** Of a gibibyte of memory a month; null: not given. */
  readonly price: number | null;
  /** Names of the sizes, for people. */
  readonly sizes: { readonly shared: string; readonly isolated: string };
}

const GIB = 1024 ** 3;

/** What the apps cost on servers that they share, and with a server each. */
export function estimate(input: EstimateInput): Estimate {
  const rows = input.servers.map((server) => rowOf(server, input));
  const sum = (of: (row: EstimateRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const cost = (containers: number, memory: number, backups: number): Cost => ({
    containers,
    memory,
    backups,
    price: input.price === null ? null : (memory / GIB) * input.price,
  });
  const servers = sum((row) => row.isolated.servers);
  return {
    apps: input.wanted,
    rows,
    // One command saves every app, whatever server it is on.
    shared: cost(
      sum((row) => row.shared.servers),
      sum((row) => row.shared.memory),
      rows.length === 0 ? 0 : 1,
    ),
    isolated: cost(
      servers,
      sum((row) => row.isolated.memory),
      servers,
    ),
    assumptions: assumptionsOf(input),
  };
}

function rowOf(server: EstimatedServer, { apps: all, wanted, appMemory }: EstimateInput): EstimateRow {
  const apps = all === 0 || server.apps === 0 ? 0 : Math.max(1, Math.round((server.apps * wanted) / all));
  const servers = server.oneApp ? apps : 1;
  return {
    instance: server.instance,
    engine: server.engine,
    apps,
    connections:
      server.connections === null || server.apps === 0 ? server.connections : Math.ceil((server.connections * apps) / server.apps),
    shared: { servers, memory: servers * (server.oneApp ? server.ownMemory : server.memory) + apps * appMemory },
    isolated: { servers: apps, memory: apps * (server.ownMemory + appMemory) },
  };
}

function assumptionsOf({ apps, wanted, appMemory, price, sizes }: EstimateInput): readonly Assumption[] {
  return [
    { what: `apps, in the proportions of the ${apps} of the manifest`, value: String(wanted), option: '--apps' },
    { what: 'size of a server that apps share', value: sizes.shared, option: '--size' },
    { what: 'size of a server that one app has', value: sizes.isolated, option: '--own-size' },
    { what: 'memory of an app on a server, besides', value: bytes(appMemory), option: '--app-memory' },
    { what: 'price of a GiB of memory a month', value: price === null ? 'not given' : String(price), option: '--price' },
  ];
}
