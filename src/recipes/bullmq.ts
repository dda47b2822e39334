import type { Recipe } from './recipe.ts';

export const bullmq: Recipe = {
  title: 'BullMQ',
  on: { redis: { placement: { relax: { scripting: true, info: true } } } },
  hints: [
    'Give Queue, Worker and QueueEvents the option prefix: process.env.REDIS_KEY_PREFIX, without its last colon.',
    'With skipVersionCheck: true on each of them, info is not needed.',
    'getWorkers() never works: it lists all clients of the server.',
  ],
  tried: ['BullMQ'],
};
