import type { INPUT_PROBLEMS } from '../input.ts';
import { MAX_TOKEN_LENGTH, MAX_TOKENS_AT_ONCE } from '../limits.ts';
import type { Translated } from './translated.ts';

const remedy = '';

export const INPUT: Translated<keyof typeof INPUT_PROBLEMS> = {
  token_not_text: { cause: 'Ein Token ist ein Text.', remedy },
  token_empty: { cause: 'Ein Token braucht mindestens ein Zeichen.', remedy },
  token_too_long: { cause: `Ein Token hat höchstens ${MAX_TOKEN_LENGTH} Zeichen.`, remedy },
  token_characters: {
    cause: 'Ein Token darf nur die Buchstaben A–Z und a–z, Ziffern und . _ ~ - enthalten.',
    remedy,
  },
  token_dots: { cause: 'Ein oder zwei Punkte allein sind kein Token.', remedy },
  length_too_small: { cause: 'Token, die hier erzeugt werden, haben mindestens 8 Zeichen.', remedy },
  uses_not_whole: { cause: 'Die Zahl der Nutzungen muss eine ganze Zahl sein.', remedy },
  uses_too_small: {
    cause: 'Die Zahl der Nutzungen muss mindestens 1 sein. Soll niemand mehr den Token nutzen, lösche ihn.',
    remedy,
  },
  uses_too_big: { cause: 'Die Zahl der Nutzungen darf höchstens 2.147.483.647 sein.', remedy },
  expiry_not_whole: {
    cause: 'Der Ablauf muss eine ganze Zahl von Millisekunden seit 1970 sein.',
    remedy,
  },
  expiry_too_early: { cause: 'Der Ablauf darf nicht vor 1970 liegen.', remedy },
  expiry_too_late: { cause: 'Der Ablauf liegt zu weit in der Zukunft.', remedy },
  count_not_whole: { cause: 'Die Zahl der Token muss eine ganze Zahl sein.', remedy },
  count_too_small: { cause: 'Die Zahl der Token muss mindestens 1 sein.', remedy },
  count_too_big: {
    cause: `Höchstens ${MAX_TOKENS_AT_ONCE} Token lassen sich auf einmal erstellen.`,
    remedy,
  },
};
