// Invalid YAML in words for people who don't know YAML well. The parser's own messages are not shown: they may quote a
// password.
import type { YAMLError } from 'yaml';
import type { ConfigProblem, Origin } from './findings.ts';

const HINTS: Partial<Record<YAMLError['code'], string>> = {
  BAD_SCALAR_START:
    'A value that starts with @, ` or % has to stand in quotes, such as "@admin:example.org".',
  BAD_ALIAS: 'A value that starts with & or * has to stand in quotes.',
  BAD_DQ_ESCAPE: 'In double quotes a backslash starts an escape; write it twice, or use single quotes.',
  BAD_INDENT: 'The indentation does not fit the lines before, or a bracket is not closed.',
  BLOCK_AS_IMPLICIT_KEY:
    'A value that contains ": " has to stand in quotes; otherwise look at the indentation.',
  MISSING_CHAR: 'A closing quote or bracket, a colon or a comma is missing here or somewhere before.',
  MULTILINE_IMPLICIT_KEY: 'A key is not followed by a colon, or a quote is not closed.',
  MULTIPLE_DOCS: 'There is a line with --- in the middle of the file.',
  TAB_AS_INDENT: 'Indent with spaces, not with tabs.',
  UNEXPECTED_TOKEN: 'Look at quotes and dashes; a quote within single quotes is written twice.',
};

export function yamlProblem(error: YAMLError, where: Origin): ConfigProblem {
  return {
    key: 'configuration file',
    found: 'not valid YAML',
    wanted: 'valid YAML',
    hint: HINTS[error.code],
    where,
  };
}
