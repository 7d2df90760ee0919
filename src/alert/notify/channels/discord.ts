import { sparkline } from '../../../core/sparkline.ts';
import { bulletinOf, clip, clipLiteral, type Tone } from '../bulletin.ts';
import type { ChannelKind } from '../channel-kind.ts';

/** Characters that Discord takes: of a title, a description, a field's value; 6,000 in all. */
const MAX_TITLE = 256;
const MAX_DESCRIPTION = 3000;
const MAX_FIELD = 240;

const COLOURS: Record<Tone, number> = { critical: 0xd32f2f, warning: 0xf9a825, info: 0x1976d2, good: 0x2e7d32 };

/** An embed for Discord's webhooks. */
export const discord: ChannelKind<'discord'> = {
  render({ target }, { payload }) {
    const { title, tone, facts, lines, chart, link } = bulletinOf(payload);
    const parts = [
      ...(chart.length > 0 ? [`\`${sparkline(chart)}\``] : []),
      ...(lines.length > 0 ? [codeBlock(lines)] : []),
    ];
    const embed = {
      title: clipLiteral(title, MAX_TITLE, literal),
      color: COLOURS[tone],
      fields: facts.map(([name, value]) => ({ name, value: clipLiteral(value, MAX_FIELD, literal), inline: true })),
      ...(parts.length > 0 && { description: parts.join('\n') }),
      ...(link !== null && { url: link }),
    };
    // Whatever the text says, nobody is called by it.
    const body = { embeds: [embed], allowed_mentions: { parse: [] } };
    return { via: 'http', message: { url: target, body: JSON.stringify(body) } };
  },
};

/** Text that Discord shows as it is: marks are escaped, and what would name somebody is taken apart. */
function literal(text: string): string {
  return text.replace(/[\\*_~`|>#[\]()-]/g, '\\$&').replace(/[@<]/g, '$&\u200b');
}

/** Lines in a block of code, which only its own end can end. */
function codeBlock(lines: readonly string[]): string {
  return `\`\`\`\n${clip(lines.join('\n').replaceAll('`', 'ˋ').replace(/[@<]/g, '$&\u200b'), MAX_DESCRIPTION)}\n\`\`\``;
}
