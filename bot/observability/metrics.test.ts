import { expect, test } from 'vitest';
import { endpointClass } from './metrics.ts';

const ROOM = encodeURIComponent('!secret:example.org');

test.each([
  ['/_matrix/client/v3/sync', 'sync'],
  [`/_matrix/client/v3/rooms/${ROOM}/send/m.room.message/mrb.reply.%24event`, 'send'],
  [`/_matrix/client/v3/rooms/${ROOM}/redact/%24event/mrb.redact.%24event`, 'redact'],
  [`/_matrix/client/v3/rooms/${ROOM}/typing/%40bot%3Aexample.org`, 'typing'],
  [`/_matrix/client/v3/rooms/${ROOM}/state/m.room.encryption/`, 'state'],
  [`/_matrix/client/v3/rooms/${ROOM}/state`, 'state'],
  [`/_matrix/client/v3/rooms/${ROOM}/messages`, 'messages'],
  [`/_matrix/client/v3/rooms/${ROOM}/members`, 'members'],
  [`/_matrix/client/v3/rooms/${ROOM}/leave`, 'membership'],
  [`/_matrix/client/v3/join/${ROOM}`, 'membership'],
  ['/_matrix/client/v3/login', 'login'],
  ['/_matrix/client/v3/keys/claim', 'keys'],
  ['/_matrix/client/v3/sendToDevice/m.room.encrypted/1', 'send_to_device'],
  ['/_matrix/client/v3/user/%40bot%3Aexample.org/account_data/m.cross_signing.master', 'account_data'],
  ['/_synapse/admin/v1/registration_tokens', 'registration_tokens'],
  ['/_synapse/admin/v1/registration_tokens/sync', 'registration_tokens'],
  ['/_synapse/admin/v2/users/x', 'admin'],
  ['/_matrix/client/v3/rooms', 'other'],
  ['/sync', 'other'],
  ['', 'other'],
])('%s is %s', (path, name) => expect(endpointClass(path)).toBe(name));
