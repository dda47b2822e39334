// Loaded into a process that is measured: tells its peak memory and its modules when it ends.
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import process from 'node:process';

const modules: string[] = [];
const report = process.env['BENCH_WATCH'];
registerHooks({
  load(url, context, next) {
    if (!url.startsWith('node:')) modules.push(url);
    return next(url, context);
  },
});
process.on('exit', () => {
  // maxRSS is in kilobytes.
  if (report !== undefined) writeFileSync(report, JSON.stringify({ peak: (process.resourceUsage().maxRSS * 1024) / 1e6, modules }));
});
