// What is said about messages and answers themselves.
import { command, say } from '../inline.ts';

export const MESSAGES = {
  /** Replaces an answer that the homeserver rejects. Contains no text from outside, which may be the reason. */
  answerRejected:
    'I can’t show the answer to this, because the homeserver does not take it. Look whether what you wanted is done before you ask for it again. My log says more.',
  thenSendAgain: 'Then send the command again.',
  cameInClear:
    'This came unencrypted, although this room is encrypted, so I did not do it: it could come from somebody who has got into your account. Send it with an app that can encrypt, such as Element. I say this only once in this room.',
  unreadable:
    'I can’t read what you sent: the key to it has not reached me. Please send it again; should the key come after all, I answer anyway.',
  unreadableOften:
    'If this goes on, your app may keep keys from devices that you have not verified: verify me, or allow it in the app’s security settings.',
  /** The sender's client reported why it keeps the key. */
  withheld: {
    unverified: 'I can’t read what you sent: your app sends keys only to verified devices, and mine is not.',
    verifyMe:
      'Verify me: in Element, open my profile (select my name) → Verify, and compare the emoji. Then send your message again.',
    orAllow: 'Or allow unverified devices in the app’s security settings.',
    noAccess: 'Only people with access can verify me.',
    notSigned: 'Verifying me does not help: my device is not signed; my log says why.',
    allow:
      'Allow unverified devices in the app’s security settings, or write to me in a room without encryption.',
    blocked:
      'I can’t read what you sent: you have blocked my device in your app. Unblock it there (in my profile, under sessions), then send your message again.',
    notForBot:
      'I can’t read what you sent: your app says that its key is not for me, mostly because I was not in the room yet. Please send it again.',
    noSession:
      'I can’t read what you sent: your app could not set up encryption with my device. Restart the app, or wait a quarter of an hour; then send your message again.',
  },
  /** Sent in clear even where a room is encrypted: contains nothing from anywhere else. */
  roomTooBig: (most: number) =>
    `I can’t stay: I work in encrypted rooms of at most ${most} members, because each of my answers needs a key for every device. Invite me to a smaller room, or to one without encryption.`,
  nobodyWithAccess: 'Nobody in this room may manage registration tokens.',
  verificationBegun: say`To verify me, compare the emoji in your app with mine: they are in my log, and for ten minutes in the answer to ${command('status')}. If they are the same, confirm in your app.`,
};
