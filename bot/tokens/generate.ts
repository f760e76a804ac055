import { randomInt } from 'node:crypto';

/** Letters and digits only: many programs cut `.` or `~` off the end of a link. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A token of `length` characters from a cryptographic generator; 16 of them are 95 bits. */
export function generateToken(length: number): string {
  let token = '';
  for (let i = 0; i < length; i++) token += ALPHABET[randomInt(ALPHABET.length)];
  return token;
}
