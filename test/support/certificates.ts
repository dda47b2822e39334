import { generate } from 'selfsigned';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Wish {
  readonly commonName?: string;
  /** Names and addresses that it is for. Default: 127.0.0.1. */
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  /** Valid until then. Default: in a year. */
  readonly until?: Date;
}

/** An authority of its own, which this machine does not trust. */
export interface Authority extends Certificate {
  issue(wish?: Wish): Promise<Certificate>;
}

const YEAR = 366 * 86_400_000;

export async function authority(): Promise<Authority> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'test authority' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  return { key, cert, issue: async (wish = {}) => await issued({ key, cert }, wish) };
}

async function issued(ca: Certificate, { commonName = 'test', dns = [], ip = ['127.0.0.1'], until }: Wish): Promise<Certificate> {
  const notAfterDate = until ?? new Date(Date.now() + YEAR);
  const { private: key, cert } = await generate([{ name: 'commonName', value: commonName }], {
    algorithm: 'sha256',
    ca,
    notBeforeDate: new Date(notAfterDate.getTime() - 2 * YEAR),
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...dns.map((value) => ({ type: 2 as const, value })), ...ip.map((one) => ({ type: 7 as const, ip: one }))],
      },
    ],
  });
  return { key, cert };
}
