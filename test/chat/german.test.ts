// bot.language: de – all that the bot says in the chat is German; log and command line are not.
import { beforeAll, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer();
let bot: RestartableBot;
let chat: Conversation;

beforeAll(async () => {
  bot = await server.startBot({ settings: { BOT_LANGUAGE: 'de', ACCESS_ALLOW: '@alice:.*' } });
  chat = await Conversation.start(await server.person('alice'), bot.userId);
});

test('greets in German', async () => {
  expect(await chat.greeting()).toContain('Hallo! Ich verwalte die Registrierungstoken von');
});

test.each([
  ['help', 'Zum Beispiel “create uses=5 expires=14d”.'],
  ['help list', 'die neuesten zuerst'],
  ['create sommerfest uses=2', 'Neuer Registrierungstoken:\n\nsommerfest\n\n2 Nutzungen, läuft in 7 Tagen'],
  ['list', 'sommerfest\ngültig · 0 von 2 genutzt · läuft in 7 Tagen ab'],
  ['show sommerfest', 'Zustand: gültig'],
  ['edit sommerfest uses=unlimited', 'beliebig viele Nutzungen'],
  ['create sommerfest', 'gibt es schon'],
  ['create uses=0', 'Die Zahl der Nutzungen muss mindestens 1 sein.'],
  ['list x2', 'lässt sich nicht auflisten'],
  ['confirm', 'Es gibt nichts zu bestätigen.'],
  ['allowed', 'Diese dürfen Registrierungstoken verwalten:'],
  ['disallow @nobody:x', 'steht nicht auf der Liste'],
  ['widget', 'Das Widget ist aus'],
  ['status', 'Registrierung: offen für alle mit einem Token.'],
  ['creat', 'Ich kenne „creat“ nicht. Meinst du “create”?'],
])('answers %s in German', async (line, words) => {
  expect((await chat.ask(line)).body).toContain(words);
});

test('asks before a deletion, and reports it, in German', async () => {
  const prompt = await chat.ask('delete sommerfest');
  expect(prompt.body).toContain('1 Token löschen?');
  expect(prompt.body).toContain('innerhalb von 5 Minuten');
  expect((await chat.ask('confirm')).body).toContain('🗑️ 1 Token gelöscht, bestätigt von');
});
