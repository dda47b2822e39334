import { expect, it } from 'vitest';
import { passedOverText, serversJson, serversText, stoppedText } from './servers-text.ts';

const row = {
  instance: 'main',
  state: 'started',
  way: 'local',
  title: 'Server 9 in /opt/\u001b[31mserver',
  host: '127.0.0.1',
  port: 15_432,
  passedOver: [
    { way: 'container', why: 'no engine answers' },
    { way: 'unpacked', why: 'nothing in /cache', get: 'scripts/get it' },
  ],
};

it('servers are a table for people and one document for programs', () => {
  expect(serversText([row])).toBe(
    'INSTANCE  STATE    ADDRESS          WAY    SERVER\nmain      started  127.0.0.1:15432  local  Server 9 in /opt/\\u001b[31mserver\n',
  );
  expect(passedOverText(row)).toBe(
    'main: local\n  not container: no engine answers\n  not unpacked: nothing in /cache (to get it: scripts/get it)',
  );
  expect(JSON.parse(serversJson([row], []))).toEqual({ format: 1, servers: [row], diagnostics: [] });
  expect(serversText([])).toMatch(/^Nothing was started/);
});

it('what was stopped says whether its data is gone', () => {
  const stopped = [
    { instance: 'main', ran: true, destroyed: false },
    { instance: 'cache', ran: false, destroyed: true },
  ];
  expect(stoppedText(stopped)).toBe('main: stopped\ncache: was not running, data deleted\n');
  expect(stoppedText([])).toBe('Nothing to stop.\n');
});
