// Controls (C0, DEL, C1), what reorders text (bidi), line and paragraph separators, and the byte order mark.
const ACTIVE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff]/gu;

/** Text from anywhere as text for a terminal: what would move the cursor, set a title or turn text around is shown as its code. */
export function inertText(text: string): string {
  return text.replace(ACTIVE, (character) => {
    if (character === '\n' || character === '\t') return character;
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The same on one line. */
export function inertLine(text: string): string {
  return inertText(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}
