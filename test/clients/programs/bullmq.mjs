import { Queue, QueueEvents, Worker } from 'bullmq';

const { hostname, port, username, password, pathname } = new URL(process.env.REDIS_URL);
const connection = {
  host: hostname,
  port: Number(port),
  username: decodeURIComponent(username),
  password: decodeURIComponent(password),
  db: Number(pathname.slice(1) || 0),
  maxRetriesPerRequest: null,
};
const options = { connection, prefix: `${process.env.REDIS_KEY_PREFIX ?? ''}bull` };
const queue = new Queue('work', options);
const events = new QueueEvents('work', options);
await events.waitUntilReady();
const worker = new Worker('work', async (job) => job.data.n + 1, options);
const job = await queue.add('add', { n: 1 });
const delayed = await queue.add('later', { n: 2 }, { delay: 10 });
if ((await job.waitUntilFinished(events, 20_000)) !== 2) throw new Error('wrong');
await delayed.waitUntilFinished(events, 20_000);
await worker.close();
await events.close();
await queue.close();
