const BYTES = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
const FAR = String(Date.UTC(2031, 0, 1) + 123);

/** Every type in each form that a server keeps it in, under a prefix. `fields`: the server knows fields that expire. */
export function content(prefix: string, fields: boolean): readonly (readonly (string | Buffer)[])[] {
  const key = (name: string): string => `${prefix}${name}`;
  const many = (count: number, each: (at: number) => readonly (string | Buffer)[]): (string | Buffer)[] =>
    Array.from({ length: count }, (_, at) => each(at)).flat();
  return [
    ['SET', key('s:empty'), ''],
    ['SET', key('s:number'), '9223372036854775807'],
    ['SET', key('s:bytes'), BYTES],
    ['SET', Buffer.concat([Buffer.from(key('s:')), BYTES]), 'a key of bytes'],
    ['SET', key('s:large'), Buffer.alloc(2_200_001, 'abc\r\n')],
    ['SET', key('s:ttl'), 'goes', 'PXAT', FAR],
    ['SETBIT', key('s:bits'), '100007', '1'],
    ['PFADD', key('s:hll'), ...many(300, (at) => [`e${at}`])],
    ['RPUSH', key('l:small'), 'b', 'a', 'b', BYTES, ''],
    ['RPUSH', key('l:large'), ...many(2500, (at) => [`element ${at} `.repeat(10)])],
    ['SADD', key('set:numbers'), '3', '1', '-2'],
    ['SADD', key('set:small'), 'b', BYTES, ''],
    ['SADD', key('set:large'), ...many(1500, (at) => [`member ${at} `.repeat(4)])],
    ['ZADD', key('z:odd'), 'inf', 'a', '-inf', 'b', '0.1', 'c', '-0', 'd', '1e300', BYTES, '5e-324', 'e', '0.30000000000000004', 'f'],
    ['ZADD', key('z:large'), ...many(1500, (at) => [String(at / 7), `member ${at} `.repeat(4)])],
    ['ZADD', key('z:zero'), ...many(200, (at) => ['-0', `member ${at}`])],
    ['GEOADD', key('z:geo'), '13.361389', '38.115556', 'Palermo', '15.087269', '37.502669', 'Catania'],
    ['HSET', key('h:small'), 'f', 'v', BYTES, BYTES, '', ''],
    ['HSET', key('h:large'), ...many(1500, (at) => [`field ${at}`, `value ${at} `.repeat(4)])],
    ['HSET', key('h:ttl'), 'f', 'v'],
    ['PEXPIREAT', key('h:ttl'), FAR],
    ...stream(key, many),
    ...(fields ? expiring(key, many) : []),
  ];
}

type Many = (count: number, each: (at: number) => readonly string[]) => (string | Buffer)[];

function stream(key: (name: string) => string, many: Many): readonly (readonly (string | Buffer)[])[] {
  return [
    ...Array.from({ length: 700 }, (_, at) => ['XADD', key('x:events'), `${at + 1}-0`, 'n', String(at), 'bytes', BYTES]),
    ['XDEL', key('x:events'), '3-0', '700-0'],
    ['XGROUP', 'CREATE', key('x:events'), 'workers', '0'],
    ['XGROUP', 'CREATE', key('x:events'), 'late', '$'],
    ['XGROUP', 'CREATE', key('x:events'), 'odd name\n', '5-0', 'ENTRIESREAD', '4'],
    ['XGROUP', 'CREATECONSUMER', key('x:events'), 'workers', 'idle'],
    ['XREADGROUP', 'GROUP', 'workers', 'one', 'COUNT', '20', 'STREAMS', key('x:events'), '>'],
    ['XREADGROUP', 'GROUP', 'workers', 'two', 'COUNT', '10', 'STREAMS', key('x:events'), '>'],
    ['XCLAIM', key('x:events'), 'workers', 'two', '0', '5-0', '6-0', 'RETRYCOUNT', '7'],
    ['XACK', key('x:events'), 'workers', '1-0', '2-0'],
    // Pending, and not there any more.
    ['XDEL', key('x:events'), '7-0', '22-0'],
    ['XADD', key('x:empty'), '9-9', 'f', 'v'],
    ['XDEL', key('x:empty'), '9-9'],
    ['XGROUP', 'CREATE', key('x:never'), 'g', '0', 'MKSTREAM'],
    ['XADD', key('x:wide'), '1-1', ...many(500, (at) => [`field ${at}`, 'v'.repeat(200)])],
    ['XADD', key('x:gone'), '1-1', 'a', 'b'],
    ['XGROUP', 'CREATE', key('x:gone'), 'g', '0'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', key('x:gone'), '>'],
    ['XDEL', key('x:gone'), '1-1'],
  ];
}

function expiring(key: (name: string) => string, many: Many): readonly (readonly (string | Buffer)[])[] {
  const later = String(Date.UTC(2035, 0, 1) + 7);
  return [
    ['HSET', key('h:fields'), 'stays', 'v', 'goes', 'v', 'goes too', BYTES],
    ['HPEXPIREAT', key('h:fields'), FAR, 'FIELDS', '1', 'goes'],
    ['HPEXPIREAT', key('h:fields'), later, 'FIELDS', '1', 'goes too'],
    ['HSET', key('h:all'), 'goes', 'v'],
    ['HPEXPIREAT', key('h:all'), FAR, 'FIELDS', '1', 'goes'],
    ['HSET', key('h:many'), ...many(1200, (at) => [`field ${at}`, `value ${at} `.repeat(8)])],
    ['HPEXPIREAT', key('h:many'), later, 'FIELDS', '2', 'field 7', 'field 1199'],
  ];
}
