import type { Recipe } from './recipe.ts';

export const celery: Recipe = {
  title: 'Celery',
  on: {
    redis: {
      placement: { relax: { scripting: true }, channels: ['/{database}.celery.pidbox'] },
      env: { CELERY_BROKER_URL: 'url', CELERY_RESULT_BACKEND: 'url' },
    },
  },
  hints: [
    'Set global_keyprefix in broker_transport_options and result_backend_transport_options to REDIS_KEY_PREFIX, at level database too: channels have it there as well.',
    'Start workers with --without-gossip --without-mingle.',
  ],
  tried: ['Celery'],
};
