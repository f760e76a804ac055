/** Somebody ended a question with Ctrl-C or Escape. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}
