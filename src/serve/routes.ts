import { z } from 'zod';
import { openapi } from './openapi.ts';
import { shown } from './reply.ts';
import type { Route } from './route.ts';
import { healthRoutes } from './routes-health.ts';
import { shownRoutes } from './routes-shown.ts';
import { startedRoutes } from './routes-started.ts';

/** It is always the same. */
let text: string | null = null;

const described: Route = {
  method: 'get',
  path: '/openapi.json',
  summary: 'This description.',
  access: 'public',
  query: null,
  body: null,
  answers: { 200: { what: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) } },
  handle: async ({ version }) => {
    text ??= `${JSON.stringify(openapi(routes, version), null, 2)}\n`;
    return await Promise.resolve(shown(text, null));
  },
};

/** Everything that can be asked. */
export const routes: readonly Route[] = [...healthRoutes, ...shownRoutes, ...startedRoutes, described];
