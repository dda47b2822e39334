import type { Recipe } from './recipe.ts';

export const socketio: Recipe = {
  title: 'Socket.IO',
  on: { redis: { placement: { channels: ['socket.io#/#*'] } } },
  hints: ["Give the adapter key: process.env.REDIS_KEY_PREFIX + 'socket.io'; the sharded adapter takes channelNames."],
  tried: ['Socket.IO, default adapter'],
};
