import type { Codes } from './catalogue.ts';

/** What `serve` and its keys say. */
export const serveCodes: Codes = {
  CT4650: {
    title: 'Key exists',
    explanation: 'There is a key with this name already. A key is shown once, so it cannot be shown again under its name.',
    hint: 'Choose another name, or revoke the old key first: cotenant key revoke NAME.',
  },
  CT4651: {
    title: 'No such key',
    explanation: 'No key of this project has that name. It may have been revoked already.',
    hint: 'cotenant key list shows the names.',
  },
  CT4652: {
    title: 'Key file cannot be read',
    explanation:
      'The file of the keys, `.cotenant/keys.json` beside the manifest, is not what this version writes. Until it is, no key is accepted.',
    hint: 'Restore it from a backup, or remove it and make new keys.',
  },
  CT4653: {
    title: 'Not without TLS',
    explanation:
      'The service was to listen where other machines reach it, without TLS. Keys and what they open would cross the network in the clear.',
    hint: 'Give --tls-cert and --tls-key, or --behind-proxy where a proxy in front does TLS; or listen on 127.0.0.1.',
  },
  CT4654: {
    title: 'Address cannot be listened on',
    explanation: 'Another program listens there already, or this user may not.',
    hint: 'Choose another address with --listen.',
  },
  CT4655: {
    title: 'Certificate cannot be read',
    explanation: 'A file of the certificate or of its key does not exist, or is not readable by this user.',
    hint: 'Check the paths given with --tls-cert and --tls-key.',
  },
  CT4660: {
    title: 'Key needed',
    explanation: 'On this machine the service shows what it knows. Everything else, and everybody from another machine, needs a key.',
    hint: 'Make one with cotenant key create NAME --scope read, and send it in the header Authorization, behind the word Bearer.',
  },
  CT4661: {
    title: 'Key not accepted',
    explanation: 'Nobody has this key: it is mistyped, was revoked, or its time is over.',
    hint: 'cotenant key list shows the keys and their ends.',
  },
  CT4662: {
    title: 'Key does not reach so far',
    explanation: 'A key of the scope `read` starts nothing, and one of an app sees that app alone.',
    hint: 'Make a key of another scope with cotenant key create.',
  },
  CT4663: {
    title: 'Request not understood',
    explanation: 'The query, the body or a header is not what the description of the interface says. Nothing was done.',
    hint: 'GET /openapi.json describes every request.',
  },
  CT4664: {
    title: 'Not asked yet',
    explanation: 'The service has just begun, and has not had an answer of every server yet.',
    hint: 'Ask again in a second.',
  },
  CT4665: {
    title: 'Another one is under way',
    explanation: 'The service does one apply, one proof and one examination at a time.',
    hint: 'Wait for its end: GET /api/v1/operations shows what is under way.',
  },
  CT4666: {
    title: 'Idempotency-Key used twice',
    explanation: 'The same Idempotency-Key was sent before with another request. Nothing was done.',
    hint: 'Send a new one with each request, and the same one only where a request is sent again.',
  },
  CT4667: {
    title: 'No such operation',
    explanation: 'The service knows of no operation with this id. It remembers the last thirty since it began.',
    hint: 'What was changed stands in the history.',
  },
  CT4668: {
    title: 'Nothing proved yet',
    explanation: 'The walls were not proved by a service of this manifest in this folder, so there is no proof to show.',
    hint: 'Start one: POST /api/v1/verify, with a key of the scope operate.',
  },
  CT4669: {
    title: 'Another plan',
    explanation: 'If-Match names a plan that somebody has looked at, and by now another one would be applied. Nothing was done.',
    hint: 'Look at the plan again, and send its ETag.',
  },
  CT4670: {
    title: 'Method not possible',
    explanation: 'The path exists, but not for this method.',
    hint: 'The header Allow has the methods.',
  },
  CT4671: {
    title: 'Nothing at this path',
    explanation: 'The service has nothing at this path.',
    hint: 'GET /openapi.json has every path.',
  },
  CT4672: {
    title: 'Asked under another name',
    explanation:
      'The request names a host that the service does not go by, or comes from a page of another origin. A page somewhere could otherwise have a browser on this machine ask for it.',
    hint: 'Use localhost or an address, or start the service with --host and the name.',
  },
  CT4673: {
    title: 'Too many wrong keys',
    explanation: 'Many keys from this address were wrong within a minute. A right one is accepted all the same.',
    hint: 'Check which program sends an old key.',
  },
};
