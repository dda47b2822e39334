import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { choosePort, isPortFree } from './port.ts';

it('the port of a server depends on its place alone, as long as nobody else has it', async () => {
  const port = await choosePort('/some/place');
  expect(await choosePort('/some/place')).toBe(port);
  // Below what systems give to outgoing connections.
  expect([port >= 15_000, port < 30_000]).toEqual([true, true]);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  expect(await isPortFree(port)).toBe(false);
  expect(await choosePort('/some/place')).not.toBe(port);
  await new Promise((resolve) => other.close(resolve));
});
