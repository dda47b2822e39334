import { z } from 'zod';
import { historyOf } from '../app/history.ts';
import { exitOfDoctor } from '../app/exit-codes.ts';
import { backupsJson } from '../report/backups-text.ts';
import { doctorJson } from '../report/doctor-text.ts';
import { historyJson } from '../report/history-text.ts';
import { migrationsJson } from '../report/migrations-text.ts';
import { planJson } from '../report/plan-json.ts';
import { statusJson } from '../report/status-text.ts';
import { backupsOf, doctorOf, migrationsOf, runsOf, statusOf } from './only.ts';
import { problem } from './problem.ts';
import { appAsked, notYet, shown } from './reply.ts';
import type { Answer, Route, Service } from './route.ts';
import { usageBody, usageDocument } from './usage-document.ts';

const app = z.string().min(1).max(200).optional().meta({ description: 'Only what concerns this app.' });
const byApp = z.strictObject({ app });
const page = z.strictObject({
  app,
  limit: z.coerce.number().int().min(1).max(500).default(20).meta({ description: 'At most so many.' }),
  before: z.string().min(1).max(100).optional().meta({ description: 'Only those before this one, as the link `next` says.' }),
});

export const problemAnswer = (what: string): Answer => ({ what, type: 'application/problem+json' });
const notAsked = problemAnswer('The servers were not asked yet, or could not be.');
const noApp = problemAnswer('The manifest has no such app.');

function ready({ collector }: Service): void {
  if (!collector.isReady) throw notYet(null);
}

/** The link to what comes after this page. */
function nextPage(url: string, last: string | undefined): Readonly<Record<string, string>> {
  if (last === undefined) return {};
  const to = new URL(url, 'http://localhost');
  to.searchParams.set('before', last);
  return { link: `<${to.pathname}${to.search}>; rel="next"` };
}

const status: Route = {
  method: 'get',
  path: '/api/v1/status',
  summary: 'Every app: its placement, size and drift. The same document as `status --json`.',
  access: 'see',
  query: byApp,
  body: null,
  answers: { 200: { what: 'As it was last seen.', document: 'status' }, 404: noApp, 503: notAsked },
  handle: async (service, asked) => {
    const only = appAsked(service, asked.who, byApp.parse(asked.query).app);
    ready(service);
    const { collector } = service;
    const found = await collector.status();
    const located = { ...found, diagnostics: found.diagnostics.map((one) => collector.project.locate(one)) };
    return shown(statusJson(only === null ? located : statusOf(located, only)), collector.oldest);
  },
};

const usage: Route = {
  method: 'get',
  path: '/api/v1/usage',
  summary: 'What apps use: connections, work, sizes, who waits for whom, and what each server dies of.',
  access: 'see',
  query: byApp,
  body: null,
  answers: { 200: { what: 'Of the last round.', schema: usageDocument }, 404: noApp },
  handle: async (service, asked) => {
    const only = appAsked(service, asked.who, byApp.parse(asked.query).app);
    const { project, watches } = service.collector;
    const all = project.manifest.instances.flatMap(({ name }) => watches.of(name) ?? []);
    return await Promise.resolve(shown(usageBody(all, only), all.map(({ at }) => at).sort()[0] ?? null));
  },
};

const plan: Route = {
  method: 'get',
  path: '/api/v1/plan',
  summary: 'What an apply would do. The same document as `plan --json`. Its ETag, sent as If-Match, has an apply do this and nothing else.',
  access: 'whole',
  query: null,
  body: null,
  answers: { 200: { what: 'By what was last seen.', document: 'plan' }, 503: notAsked },
  handle: async (service) => {
    ready(service);
    return await Promise.resolve(shown(planJson(service.collector.plan()), service.collector.oldest));
  },
};

const verify: Route = {
  method: 'get',
  path: '/api/v1/verify',
  summary: 'The last proof that the walls hold. The same document as `verify --json`.',
  access: 'whole',
  query: null,
  body: null,
  answers: { 200: { what: 'The last proof.', document: 'verify' }, 404: problemAnswer('Nothing was proved yet.') },
  handle: async ({ collector }) => {
    const { last } = collector.proofs;
    if (last === null) throw problem(404, 'CT4668', 'nothing was proved yet', { hint: 'Start a proof: POST /api/v1/verify' });
    return await Promise.resolve(shown(last.text, last.at));
  },
};

const doctor: Route = {
  method: 'get',
  path: '/api/v1/doctor',
  summary: 'What ails the servers. The same document as `doctor --json`.',
  access: 'see',
  query: byApp,
  body: null,
  answers: { 200: { what: 'As it was last seen.', document: 'doctor' }, 404: noApp, 503: notAsked },
  handle: async (service, asked) => {
    const only = appAsked(service, asked.who, byApp.parse(asked.query).app);
    const { kept, trouble } = service.collector.doctor;
    if (kept === null) throw notYet(trouble);
    const found = only === null ? kept.value : doctorOf(kept.value, only);
    return await Promise.resolve(shown(doctorJson({ ...found, exitCode: exitOfDoctor(found) }), kept.at));
  },
};

const migrations: Route = {
  method: 'get',
  path: '/api/v1/migrations',
  summary: 'How the migrations of each app stand. The same document as `migrate status --json`.',
  access: 'see',
  query: byApp,
  body: null,
  answers: { 200: { what: 'As it was last seen.', document: 'migrate-status' }, 404: noApp, 503: notAsked },
  handle: async (service, asked) => {
    const only = appAsked(service, asked.who, byApp.parse(asked.query).app);
    const { kept, trouble } = service.collector.migrations;
    if (kept === null) throw notYet(trouble);
    return await Promise.resolve(shown(migrationsJson(only === null ? kept.value : migrationsOf(kept.value, only)), kept.at));
  },
};

const backups: Route = {
  method: 'get',
  path: '/api/v1/backups',
  summary: 'What the repository has, the newest first. The same document as `backup list --json`.',
  access: 'see',
  query: page,
  body: null,
  answers: { 200: { what: 'As it was last read. The link `next` leads on.', document: 'backups' }, 404: noApp, 503: notAsked },
  handle: async (service, asked) => {
    const { app: named, limit, before } = page.parse(asked.query);
    const only = appAsked(service, asked.who, named);
    const { kept, trouble } = service.collector.backups;
    if (kept === null) throw notYet(trouble);
    const { rows, diagnostics } = kept.value;
    if (rows === null && diagnostics.length > 0) throw notYet(diagnostics);
    const mine = only === null ? (rows ?? []) : backupsOf(rows ?? [], only);
    // One run saves several apps: where a page ends is a run and an app.
    const from = before === undefined ? 0 : mine.findIndex((row) => `${row.run}/${row.app}` === before) + 1;
    const some = before !== undefined && from === 0 ? [] : mine.slice(from, from + limit);
    const last = from + some.length < mine.length ? some.at(-1) : undefined;
    return await Promise.resolve(shown(backupsJson(some), kept.at, nextPage(asked.url, last && `${last.run}/${last.app}`)));
  },
};

const history: Route = {
  method: 'get',
  path: '/api/v1/history',
  summary: 'What was changed from here, the newest first. The same document as `history --json`.',
  access: 'see',
  query: page,
  body: null,
  answers: { 200: { what: 'Runs. The link `next` leads on.', document: 'history' }, 404: noApp },
  handle: async (service, asked) => {
    const { app: named, limit, before } = page.parse(asked.query);
    const only = appAsked(service, asked.who, named);
    const request = { ...(only === null ? {} : { app: only }), ...(before === undefined ? {} : { before }), limit: limit + 1 };
    const { runs } = await historyOf(service.collector.project, request);
    const some = runs.slice(0, limit);
    const next = nextPage(asked.url, runs.length > limit ? some.at(-1)?.head.run : undefined);
    return shown(historyJson({ runs: only === null ? some : runsOf(some, only) }), null, next);
  },
};

/** What shows, and starts nothing. */
export const shownRoutes: readonly Route[] = [status, usage, plan, verify, doctor, migrations, backups, history];
