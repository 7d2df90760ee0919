import { sparkline } from '../../../core/sparkline.ts';
import { bulletinOf, clip, clipLiteral } from '../bulletin.ts';
import type { ChannelKind } from '../channel-kind.ts';

/** Characters that Slack takes: of a header, of a field, of a section (3,000), less what is put around them. */
const MAX_HEADER = 150;
const MAX_FIELD = 1900;
const MAX_SECTION = 2800;
/** Fields of one section. */
const MAX_FIELDS = 10;

/** Blocks for Slack's incoming webhooks, and for what understands them (Mattermost). */
export const slack: ChannelKind<'slack'> = {
  render({ target }, { payload }) {
    const { title, facts, lines, chart, link } = bulletinOf(payload);
    const fields = facts
      .slice(0, MAX_FIELDS)
      .map(([name, value]) => markdown(`*${name}*\n${clipLiteral(value, MAX_FIELD, literal)}`));
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: clipLiteral(title, MAX_HEADER, literal), emoji: false } },
      { type: 'section', fields },
      ...(chart.length > 0 ? [section(`\`${sparkline(chart)}\``)] : []),
      ...(lines.length > 0 ? [section(`\`\`\`${codeBlock(lines)}\`\`\``)] : []),
      ...(link === null ? [] : [section(`<${entities(link).replaceAll('|', '%7C')}|Open the incident>`)]),
    ];
    // `text` is what a notification on a phone shows.
    return { via: 'http', message: { url: target, body: JSON.stringify({ text: literal(title), blocks }) } };
  },
};

/** `verbatim`: names of people and channels in it stay words. */
function markdown(text: string) {
  return { type: 'mrkdwn', text, verbatim: true };
}

function section(text: string) {
  return { type: 'section', text: markdown(text) };
}

/** Text without what begins a mention, link or command of Slack: all of them begin with `<`. */
function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text that Slack shows as it is: a zero-width space keeps the marks of bold, italics and code from opening anything. */
function literal(text: string): string {
  return entities(text).replace(/[*_~`]/g, '\u200b$&');
}

/** Lines for a block of code, which only its own end can end. */
function codeBlock(lines: readonly string[]): string {
  const text = entities(lines.join('\n').replaceAll('`', 'ˋ'));
  return text.length <= MAX_SECTION ? text : codeBlock(shorter(lines));
}

/** The same with less of each line, or without the last one when they are short already. */
function shorter(lines: readonly string[]): readonly string[] {
  const longest = Math.max(...lines.map(({ length }) => length));
  return longest > 80 ? lines.map((line) => clip(line, Math.floor(longest / 2))) : lines.slice(0, -1);
}
