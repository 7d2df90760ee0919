/** Signs that turn the direction of text, or hide: they are named instead of obeyed. */
const INVISIBLE = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
/** Control characters but tab and line feed. */
const CONTROLS = /(?![\t\n])\p{Cc}/gu;

/** `␛` for an escape; those above ASCII have no picture. */
function pictureOf(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '␡' : '\ufffd';
}

/**
 * A text of an event as it may be shown: control characters as their pictures, what turns or hides text by its number.
 * Line feeds and tabs stay. The page renders texts as text alone; this keeps them from looking like something else.
 */
export function inert(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(CONTROLS, (sign) => pictureOf(sign.charCodeAt(0)))
    .replace(INVISIBLE, (sign) => `<U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`);
}

/** The same in one line. */
export const inertLine = (text: string): string => inert(text).replace(/\n/g, ' ↵ ').replace(/\t/g, ' ');
