import { z } from 'zod';
import { applyProject } from '../app/apply.ts';
import { appsExist } from '../app/apps.ts';
import { needsOf, refusals } from '../app/consent.ts';
import { doctorProject } from '../app/doctor/doctor.ts';
import { exitOfDoctor } from '../app/exit-codes.ts';
import { unnamedLosses } from '../app/refusal.ts';
import type { Project, RunOptions } from '../app/types.ts';
import { DiagnosticError, type Plan } from '../model/index.ts';
import { doctorJson } from '../report/doctor-text.ts';
import { planJson } from '../report/plan-json.ts';
import { logLine, versionLine } from '../report/stream-json.ts';
import { diagnosticLine, endLine, tellRun } from './lines.ts';
import { kinds, type Operation, type Work, type Wish } from './operations.ts';
import { problem } from './problem.ts';
import { idempotencyOf, problemOf, shown, tagOf } from './reply.ts';
import type { Answer, Asked, Reply, Route, Service } from './route.ts';
import { problemAnswer } from './routes-shown.ts';
import { interruptedBy, proving } from './proving.ts';
import { nameOf } from './who.ts';

const name = z.string().min(1).max(200);
const apps = z.array(name).min(1).max(1000).optional().meta({ description: 'Only these apps.' });

const operation = z.strictObject({
  format: z.literal(1),
  id: z.string(),
  kind: z.enum(kinds),
  by: z.string().meta({ description: 'Who started it, as the history says.' }),
  at: z.iso.datetime(),
  until: z.iso.datetime().nullable().meta({ description: 'null: it goes on.' }),
  ending: z.string().nullable().meta({ description: 'null: it goes on.' }),
  exitCode: z.int().nullable().meta({ description: 'That of the command line; null: it goes on.' }),
  events: z.string().meta({ description: 'Where its lines are told as they come.' }),
});
const operations = z.strictObject({ format: z.literal(1), operations: z.array(operation).meta({ description: 'The newest first.' }) });

function bodyOf({ id, kind, by, at, until, end }: Operation): z.input<typeof operation> {
  const events = `/api/v1/operations/${id}/events`;
  return { format: 1, id, kind, by, at, until, ending: end?.ending ?? null, exitCode: end?.exitCode ?? null, events };
}

const begun: Readonly<Record<number, Answer>> = {
  202: { what: 'It has begun, or the same request had begun it before. `Location` has where it is.', schema: operation },
  400: problemAnswer('The body is not what it has to be.'),
  404: problemAnswer('The manifest has no such app.'),
  409: problemAnswer('Another one is under way, or the manifest is broken.'),
  413: problemAnswer('The body is too large.'),
  415: problemAnswer('The body is no JSON.'),
  422: problemAnswer('The Idempotency-Key was sent with another request.'),
};

/** Begins it, or gives what the same request has begun before. */
async function begin(
  service: Service,
  asked: Asked,
  { kind, apps: named }: { readonly kind: Wish['kind']; readonly apps: readonly string[] | undefined },
  work: (project: Project) => Work,
): Promise<Reply> {
  const wish: Wish = { kind, by: nameOf(asked.who), idempotency: idempotencyOf(asked) };
  const found = service.operations.repeated(wish);
  return accepted(found ?? service.operations.start(wish, work(await freshFor(service, named))));
}

function accepted(found: Operation): Reply {
  return {
    status: 202,
    body: `${JSON.stringify(bodyOf(found), null, 2)}\n`,
    headers: { location: `/api/v1/operations/${found.id}` },
  };
}

/** As the manifest is now: whoever starts something means this one. */
async function freshFor({ collector, signal }: Service, named: readonly string[] | undefined): Promise<Project> {
  const project = await collector.world.fresh(signal).catch((error: unknown) => {
    throw error instanceof DiagnosticError ? problemOf(409, error.diagnostics) : error;
  });
  try {
    appsExist(project, named);
  } catch (error) {
    throw error instanceof DiagnosticError ? problemOf(404, error.diagnostics) : error;
  }
  return project;
}

const applyBody = z
  .strictObject({
    apps,
    confirm: z
      .array(z.string().min(1).max(500))
      .max(10_000)
      .default([])
      .meta({ description: 'Names of destructive steps and of losses that somebody agrees to, as `--confirm`.' }),
    yes: z.boolean().default(false).meta({ description: 'Somebody agrees to what revokes access or blocks a running app, as `--yes`.' }),
    dryRun: z.boolean().default(false).meta({ description: 'Tell what would be sent, but send nothing.' }),
    lockTimeoutSeconds: z.number().min(0).max(600).default(0).meta({ description: 'How long to wait for the lock of each server.' }),
  })
  .prefault({});

const apply: Route = {
  method: 'post',
  path: '/api/v1/apply',
  summary:
    'Makes the servers as the manifest says, with the same consents as at the terminal: what was not agreed to ends it as `refused`.',
  access: 'operate',
  query: null,
  body: applyBody,
  answers: { ...begun, 412: problemAnswer('If-Match is not the ETag of the plan as it is now.') },
  handle: async (service, asked) => {
    const wanted = planWanted(service, asked);
    const { apps: named, confirm, yes, dryRun, lockTimeoutSeconds } = applyBody.parse(asked.body);
    const only = named === undefined ? {} : { apps: named };
    return await begin(service, asked, { kind: 'apply', apps: named }, (project) => async (emit, signal) => {
      const consent = async (plan: Plan): Promise<boolean> => {
        const missing = refusals(needsOf(plan, confirm), yes);
        emit(missing.map(diagnosticLine));
        // Losses that nobody has agreed to are told by the run itself.
        return await Promise.resolve(missing.length === 0 && unnamedLosses(plan, confirm).length === 0);
      };
      const saved = wanted === null ? {} : { saved: wanted };
      const options: RunOptions = {
        ...only,
        ...saved,
        confirm,
        consent,
        dryRun,
        lockTimeout: lockTimeoutSeconds * 1000,
        by: nameOf(asked.who),
      };
      emit([versionLine(service.version)]);
      return await tellRun(project, applyProject(interruptedBy(project, signal), options), emit);
    });
  },
};

/** The plan that If-Match means; null: whatever there is to do. Throws CT4669. */
function planWanted({ collector }: Service, { header }: Pick<Asked, 'header'>): Plan | null {
  const wanted = header('if-match');
  if (wanted === undefined) return null;
  const outcome = collector.plan();
  if (collector.isReady && tagOf(planJson(outcome)) === wanted) return outcome.plan;
  throw problem(412, 'CT4669', 'the plan is not the one that was looked at', { hint: 'Look at it again: GET /api/v1/plan' });
}

const verifyBody = z
  .strictObject({
    apps,
    exhaustive: z.boolean().default(false).meta({ description: 'Every pair of apps, and not a sample.' }),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .optional()
      .meta({ description: 'Chooses the sample.' }),
  })
  .prefault({});

const verify: Route = {
  method: 'post',
  path: '/api/v1/verify',
  summary: 'Proves the walls: logs in as every app, and tries to break into every other. Changes nothing.',
  access: 'operate',
  query: null,
  body: verifyBody,
  answers: begun,
  handle: async (service, asked) => {
    const { apps: named, exhaustive, seed } = verifyBody.parse(asked.body);
    const how = { exhaustive, ...(named === undefined ? {} : { apps: named }), ...(seed === undefined ? {} : { seed }) };
    return await begin(service, asked, { kind: 'verify', apps: named }, (project) => proving(service, project, how));
  },
};

const doctorBody = z.strictObject({ apps }).prefault({});

const doctor: Route = {
  method: 'post',
  path: '/api/v1/doctor',
  summary: 'Looks at once for what ails the servers. Changes nothing.',
  access: 'operate',
  query: null,
  body: doctorBody,
  answers: begun,
  handle: async (service, asked) => {
    const { apps: named } = doctorBody.parse(asked.body);
    return await begin(service, asked, { kind: 'doctor', apps: named }, (project) => async (emit, signal) => {
      emit([versionLine(service.version)]);
      const outcome = await doctorProject(interruptedBy(project, signal), named === undefined ? {} : { apps: named });
      if (named === undefined) service.collector.doctor.keep(outcome);
      const exitCode = exitOfDoctor(outcome);
      const result: unknown = JSON.parse(doctorJson({ ...outcome, exitCode }));
      const end = { ending: 'done', exitCode };
      emit([...outcome.diagnostics.map(diagnosticLine), logLine('result', 'info', { result }), endLine('doctor', end)]);
      return end;
    });
  },
};

const listed: Route = {
  method: 'get',
  path: '/api/v1/operations',
  summary: 'What is under way, and what was lately.',
  access: 'whole',
  query: null,
  body: null,
  answers: { 200: { what: 'The newest first.', schema: operations } },
  handle: async (service) =>
    await Promise.resolve(shown(`${JSON.stringify({ format: 1, operations: service.operations.list().map(bodyOf) }, null, 2)}\n`, null)),
};

const noSuch = problemAnswer('There is no such operation.');

const one: Route = {
  method: 'get',
  path: '/api/v1/operations/{id}',
  summary: 'How an operation stands.',
  access: 'whole',
  query: null,
  body: null,
  answers: { 200: { what: 'The operation.', schema: operation }, 404: noSuch },
  handle: async (service, { id }) => await Promise.resolve(shown(`${JSON.stringify(bodyOf(service.operations.get(id)), null, 2)}\n`, null)),
};

const events: Route = {
  method: 'get',
  path: '/api/v1/operations/{id}/events',
  summary:
    'The lines of an operation as they come, the same as `--output stream-json`, until its end. Goes on after the one that `Last-Event-ID` names.',
  access: 'whole',
  query: null,
  body: null,
  answers: { 200: { what: 'One line an event.', type: 'text/event-stream' }, 404: noSuch },
  handle: async (service, { id, header, gone }) => {
    const last = /^\d{1,9}$/.exec(header('last-event-id') ?? '')?.[0];
    const after = last === undefined ? -1 : Number(last);
    return await Promise.resolve({ type: 'text/event-stream; charset=utf-8', body: service.operations.events(id, after, gone) });
  },
};

/** What starts something, and what became of it. */
export const startedRoutes: readonly Route[] = [apply, verify, doctor, listed, one, events];
