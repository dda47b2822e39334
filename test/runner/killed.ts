// Moves shop, and is killed where its n-th checkpoint has just been kept: `killed.ts <folder> <n>`.
import { Journal } from '../../src/journal/journal.ts';
import { folderProject, move } from './move.ts';

const [, , folder = '', at = ''] = process.argv;
let count = 0;
const keep = Journal.prototype.checkpoint;
Journal.prototype.checkpoint = async function checkpoint(step, token) {
  await keep.call(this, step, token);
  count += 1;
  if (count === Number(at)) process.kill(process.pid, 'SIGKILL');
};
for await (const event of move(await folderProject(folder))) if (event.type === 'result') console.log(event.ending);
