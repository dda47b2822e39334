type Closer = () => Promise<void>;

const closers = new Set<Closer>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let closing = false;

/**
 * Runs `closer` when the process is told to end by SIGINT, SIGTERM or SIGHUP, last registered first. After that the process
 * ends by the signal, unless somebody else listens to it. A second signal does not wait for closers. Returns a function
 * that takes the closer back.
 */
export function onShutdown(closer: Closer): () => void {
  if (closers.size === 0 && !closing) for (const signal of signals) process.on(signal, handle);
  closers.add(closer);
  return () => {
    closers.delete(closer);
    if (closers.size === 0 && !closing) unlisten();
  };
}

function handle(signal: NodeJS.Signals): void {
  if (closing) {
    endBy(signal);
    return;
  }
  closing = true;
  void closeAll().finally(() => endBy(signal));
}

/** Every closer gets its turn, whatever became of the one before. */
async function closeAll(): Promise<void> {
  for (const closer of [...closers].reverse()) await closer().catch(() => undefined);
}

function endBy(signal: NodeJS.Signals): void {
  unlisten();
  closing = false;
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function unlisten(): void {
  for (const signal of signals) process.off(signal, handle);
}
