import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { fuzzStatements } from '../../test/support/statement-fuzz.ts';

const { seed, count } = z.object({ seed: z.number(), count: z.number() }).parse(workerData);
const port = parentPort;
if (port === null) throw new Error('this is a thread of the bench');
port.postMessage(await fuzzStatements({ seed, count, progress: (texts) => port.postMessage(texts) }));
