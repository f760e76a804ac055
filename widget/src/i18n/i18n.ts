// The language of the person: texts, formats, and what went wrong in words.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ApiFailure } from '../api/failure.ts';
import { createFormat, type Format } from '../format/format.ts';
import { de } from './de.ts';
import { en, type Texts } from './en.ts';

export interface Language {
  /** For the `lang` attribute. */
  code: 'en' | 'de';
  t: Texts;
  format: Format;
}

/** @param tag BCP 47, as the client gives it; languages that are missing here fall back to English. */
export function languageOf(tag: string): Language {
  const code = /^de\b/i.test(tag) ? 'de' : 'en';
  // The region decides on dates, but only where it belongs to the language of the texts.
  const fits = new RegExp(`^${code}\\b`, 'i').test(tag) && isLocale(tag);
  return { code, t: code === 'de' ? de : en, format: createFormat(fits ? tag : code) };
}

function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false; // RangeError: not a language tag at all.
  }
}

/** What went wrong and what to do: in the widget's own words, else as the bot says it. */
export function describeFailure(failure: ApiFailure, { t }: Language): string {
  const { body, code } = failure;
  const own = t.problems[code];
  if (own !== undefined && (code !== 'unknown' || body === undefined)) return own;
  if (body === undefined) return t.problems.unknown ?? failure.message;
  return body.translation ?? [body.error, body.remedy].filter(Boolean).join(' ');
}

export const LanguageContext = createContext<Language>(languageOf('en'));

export function useLanguage(): Language {
  return useContext(LanguageContext);
}
