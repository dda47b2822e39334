import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { authority } from '../support/certificates.ts';
import { tempDir } from '../support/temp-dir.ts';
import { tlsFilesIn } from '../support/tls-files.ts';
import { manifestOn } from './redis.ts';
import { started } from './started.ts';

test('with a certificate it speaks TLS, tells browsers to stay with it, and nothing old', async () => {
  await using folder = await tempDir();
  const ca = await authority();
  const tls = await tlsFilesIn(folder.path, 'server', await ca.issue());
  await using service = await started(manifestOn({ port: 1 }), { CACHE_PASSWORD: 'x' }, { tls });
  expect(service.url).toMatch(/^https:/);
  const ask = async (more: object): Promise<{ status: number | undefined; hsts: string | undefined; body: string }> => {
    const { promise, resolve, reject } = Promise.withResolvers<Parameters<NonNullable<Parameters<typeof request>[2]>>[0]>();
    request(`${service.url}/livez`, { agent: false, ca: ca.cert, ...more }, resolve)
      .on('error', reject)
      .end();
    const answer = await promise;
    return { status: answer.statusCode, hsts: answer.headers['strict-transport-security'], body: await text(answer) };
  };
  expect(await ask({})).toEqual({ status: 200, hsts: 'max-age=31536000', body: '{"status":"pass"}\n' });
  await expect(ask({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow(/alert|unsupported|protocol/i);
  await expect(ask({ ca: [] })).rejects.toThrow(/certificate/);
});
