// What is said about messages and answers themselves.

export const MESSAGES = {
  /** Replaces an answer that the homeserver rejects. Contains no text from outside, which may be the reason. */
  answerRejected:
    'I can’t show the answer to this, because the homeserver does not take it. Look whether what you wanted is done before you ask for it again. My log says more.',
  thenSendAgain: 'Then send the command again.',
  unreadable:
    'I can’t read what you sent: the key to it has not reached me. Please send it again; should the key come after all, I answer anyway.',
  unreadableOften:
    'If this goes on, your app may keep keys from devices that you have not verified: verify me, or allow it in the app’s security settings.',
};
