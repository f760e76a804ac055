// All that the bot says in the chat, by language. The log and the command line are in English.
import type { Language } from '../../common/language.ts';
import { ENGLISH, type EnglishWords } from './en/english.ts';

// An interface, so that compile errors name it instead of listing it.
export interface Words extends EnglishWords {}

/** Loads another language than English only if it is wanted. */
export async function wordsIn(language: Language): Promise<Words> {
  if (language === 'en') return ENGLISH;
  const { GERMAN } = await import('./de/german.ts');
  return GERMAN;
}
