import { z } from 'zod';
import { backups, databases, type Health, healthBody, migrations } from './health.ts';
import { render, typeOf } from './metrics.ts';
import { familiesOf } from './families.ts';
import { problem } from './problem.ts';
import { appAsked } from './reply.ts';
import type { Answer, Reply, Route, Service } from './route.ts';
import { boundTo, judge, type Who } from './who.ts';

const TYPE = 'application/health+json';
const query = z.strictObject({ app: z.string().min(1).max(200).optional().meta({ description: 'Only this app.' }) });

const verdict = z.enum(['pass', 'warn', 'fail']);
const state = z.enum(['healthy', 'degraded', 'unhealthy']);
const body = z.strictObject({
  status: verdict,
  state,
  counts: z.strictObject({ pass: z.int(), warn: z.int(), fail: z.int() }),
  checks: z
    .record(
      z.string(),
      z.array(
        z.strictObject({
          app: z.string().exactOptional(),
          instance: z.string().exactOptional(),
          engine: z.string().exactOptional(),
          status: verdict,
          state,
          output: z.string().exactOptional(),
          time: z.iso.datetime().exactOptional().meta({ description: 'When that was seen.' }),
          ageSeconds: z.int().exactOptional(),
        }),
      ),
    )
    .exactOptional()
    .meta({ description: 'By engine, instance and app. Left out for whoever asks from another machine without a key.' }),
});
const answer = (what: string): Answer => ({ what, type: TYPE, schema: body });

function health(name: string, summary: string, look: (service: Service, app: string | null) => Health): Route {
  return {
    method: 'get',
    path: `/health/${name}`,
    summary,
    access: 'health',
    query,
    body: null,
    answers: {
      200: answer('All is well, or works with something missing.'),
      401: { what: 'Who asks from another machine about one app needs a key.', type: 'application/problem+json' },
      404: { what: 'The manifest has no such app.', type: 'application/problem+json' },
      503: answer('Something does not work.'),
    },
    handle: async (service, asked) => {
      const { app } = query.parse(asked.query);
      const told = judge(asked.who, 'see') === 200;
      if (!told && app !== undefined)
        throw problem(401, 'CT4660', 'a key is needed to ask about one app', { headers: { 'www-authenticate': 'Bearer' } });
      const found = look(service, told ? appAsked(service, asked.who, app) : null);
      return await Promise.resolve(answered(found, told));
    },
  };
}

function answered(found: Health, told: boolean): Reply {
  return { status: found.status === 'fail' ? 503 : 200, type: TYPE, body: healthBody(found, told) };
}

const alive = z.strictObject({ status: verdict });
const is = (what: string): Answer => ({ what, type: TYPE, schema: alive });

const livez: Route = {
  method: 'get',
  path: '/livez',
  summary: 'Whether the process answers.',
  access: 'public',
  query: null,
  body: null,
  answers: { 200: is('It does.') },
  handle: async () => await Promise.resolve({ type: TYPE, body: '{"status":"pass"}\n' }),
};

const readyz: Route = {
  method: 'get',
  path: '/readyz',
  summary:
    'Whether every server was asked once, so that there is something to show. `warn`: the manifest is broken, and the last good one goes on.',
  access: 'public',
  query: null,
  body: null,
  answers: { 200: is('There is.'), 503: is('Not yet.') },
  handle: async ({ collector }) => {
    const status = !collector.isReady ? 'fail' : collector.world.broken === null ? 'pass' : 'warn';
    return await Promise.resolve({ status: status === 'fail' ? 503 : 200, type: TYPE, body: `{"status":"${status}"}\n` });
  },
};

const metrics: Route = {
  method: 'get',
  path: '/metrics',
  summary: 'Figures for Prometheus: OpenMetrics for whoever accepts it, else the text format. A key of one app gets its figures alone.',
  access: 'see',
  query: null,
  body: null,
  answers: { 200: { what: 'From the last round; nothing is asked.', type: 'text/plain' } },
  handle: async (service, asked) => {
    const type = typeOf(asked.header('accept') ?? '');
    const all = familiesOf(service, await service.collector.status());
    return { type: type.header, body: render(onlyOf(all, asked.who), type.open) };
  },
};

function onlyOf(families: ReturnType<typeof familiesOf>, who: Who): ReturnType<typeof familiesOf> {
  const app = boundTo(who);
  if (app === null) return families;
  return families.map((family) => ({ ...family, samples: family.samples.filter(({ labels }) => labels['app'] === app) }));
}

export const healthRoutes: readonly Route[] = [
  livez,
  readyz,
  health('databases', 'Whether each app has its databases.', ({ collector }, app) => databases(collector, app)),
  health('migrations', 'Whether the migrations of each app are done.', ({ collector }, app) => migrations(collector, app)),
  health('backups', 'Whether each app was saved, and a backup brought back.', ({ collector }, app) => backups(collector, app)),
  metrics,
];
