import type { Recipe } from './recipe.ts';

export const celery: Recipe = {
  title: 'Celery',
  on: {
    redis: {
      placement: { relax: { scripting: true }, channels: ['/0.celery.pidbox'] },
      halfAt: {
        database: {
          what: 'a worker publishes to a channel without a prefix, which the server refuses',
          instead: 'use isolation: prefix, with global_keyprefix for broker and result backend',
        },
      },
      env: { CELERY_BROKER_URL: 'url', CELERY_RESULT_BACKEND: 'url' },
    },
  },
  hints: [
    'Level prefix: global_keyprefix in broker_transport_options and result_backend_transport_options.',
    'Start workers with --without-gossip --without-mingle.',
    'The pattern in channels begins with the number of the database.',
    'Level database does not work: a worker publishes to a channel without a prefix.',
  ],
  tried: ['Celery'],
};
