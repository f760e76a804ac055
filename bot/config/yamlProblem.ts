// Invalid YAML in words for people who don't know YAML well. The parser's own messages are not shown: they may quote a
// password.

import type { YAMLError } from 'yaml';
import type { ConfigProblem, Origin } from './findings.ts';
import { FOUND, HINTS } from './messages.ts';

const HINT_OF: Partial<Record<YAMLError['code'], string>> = {
  BAD_SCALAR_START: HINTS.quote_scalar,
  BAD_ALIAS: HINTS.quote_alias,
  BAD_DQ_ESCAPE: HINTS.double_backslash,
  BAD_INDENT: HINTS.indentation,
  BLOCK_AS_IMPLICIT_KEY: HINTS.quote_colon,
  MISSING_CHAR: HINTS.mark_missing,
  MULTILINE_IMPLICIT_KEY: HINTS.colon_missing,
  MULTIPLE_DOCS: HINTS.one_document,
  TAB_AS_INDENT: HINTS.no_tabs,
  UNEXPECTED_TOKEN: HINTS.look_at_quotes,
};

export function yamlProblem(error: YAMLError, where: Origin): ConfigProblem {
  return {
    key: 'configuration file',
    found: FOUND.invalid_yaml,
    wanted: 'valid YAML',
    hint: HINT_OF[error.code],
    where,
  };
}
