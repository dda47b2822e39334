import type { Recipe } from './recipe.ts';

export const django: Recipe = {
  title: 'Django',
  on: { postgres: {}, mysql: {}, redis: { env: { CACHE_URL: 'url' } } },
  hints: [
    'Read DATABASE_URL with dj-database-url.',
    'Redis, level prefix: KEY_PREFIX of the cache is REDIS_KEY_PREFIX without its last colon; cache.clear() is refused there, delete_pattern of django-redis needs relax: { scan: true }.',
  ],
  tried: ['Django', 'Django cache', 'django-redis'],
};
