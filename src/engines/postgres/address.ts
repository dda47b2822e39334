import { notAnAddress, serverUrl } from '../../engine/index.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** What `sslmode` among the parameters asks for; null: nothing. */
  readonly sslmode: string | null;
}

const PORT = 5432;

/** As libpq reads it: host, port and user may stand among the parameters. null where it is no address of such a server. */
export function addressOf(text: string): Address | null {
  const url = serverUrl(['postgres', 'postgresql'], text);
  if (!url) return null;
  const said = (name: string): string => url.query.get(name) ?? '';
  const host = said('host') || url.host;
  const port = portOf(said('port')) ?? url.port ?? PORT;
  if (host === '' || Number.isNaN(port)) return null;
  return {
    host,
    port,
    user: said('user') || url.user || 'postgres',
    password: url.password,
    database: url.path || 'postgres',
    sslmode: said('sslmode') || null,
  };
}

/** null where there is none, NaN where it is no port. */
function portOf(text: string): number | null {
  if (text === '') return null;
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : Number.NaN;
}

/** Throws CT3005. */
export function parseUrl(text: string): Address {
  const found = addressOf(text);
  if (!found) throw notAnAddress('PostgreSQL', 'postgres://admin@host:5432/postgres');
  return found;
}
