// The part of a Megolm message that its sender's ratchet numbers
// (https://gitlab.matrix.org/matrix-org/olm/-/blob/master/docs/megolm.md#message-format).

const VERSION = 3;
/** Field 1, a varint. */
const INDEX_TAG = 0x08;
/** The index is an unsigned number of 32 bits, seven in each byte. */
const MAX_BYTES = 5;

/**
 * The message index of a Megolm ciphertext; undefined if it is none. It is signed together with the text, so that nobody
 * but the session's owner can make another message of it, however it is written in base64.
 */
export function messageIndexOf(ciphertext: unknown): number | undefined {
  if (typeof ciphertext !== 'string') return undefined;
  const [version, tag, ...rest] = Buffer.from(ciphertext.slice(0, 16), 'base64');
  if (version !== VERSION || tag !== INDEX_TAG) return undefined;
  let index = 0;
  for (const [position, byte] of rest.slice(0, MAX_BYTES).entries()) {
    index += (byte & 0x7f) * 2 ** (7 * position);
    if (byte < 0x80) return index;
  }
  return undefined;
}
