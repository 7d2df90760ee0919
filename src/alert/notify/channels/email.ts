import { shares, sparkline } from '../../../core/sparkline.ts';
import { type Bulletin, bulletinOf, type Tone } from '../bulletin.ts';
import type { ChannelKind } from '../channel-kind.ts';

const COLOURS: Record<Tone, string> = { critical: '#d32f2f', warning: '#b26a00', info: '#1976d2', good: '#2e7d32' };
/** Height of the chart's highest bar. */
const BAR_PX = 40;

/** Mail, as text and as HTML without anything that a mail client would have to load. */
export const email: ChannelKind<'email'> = {
  needsMail: true,
  render({ to }, { id, sentAt, payload }) {
    const bulletin = bulletinOf(payload);
    return {
      via: 'mail',
      mail: {
        id,
        thread: payload.type === 'alert_storm' ? id : payload.incidentId,
        to: [to].flat(),
        subject: bulletin.title,
        text: textOf(bulletin),
        html: htmlOf(bulletin),
        sentAt,
      },
    };
  },
};

function textOf({ title, facts, lines, chart, link }: Bulletin): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  const parts = [
    title,
    facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n'),
    ...(chart.length > 0 ? [sparkline(chart)] : []),
    ...(lines.length > 0 ? [lines.map((line) => `| ${line}`).join('\n')] : []),
    ...(link === null ? [] : [link]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function htmlOf({ title, tone, facts, lines, chart, link }: Bulletin): string {
  const rows = facts.map(
    ([name, value]) =>
      `<tr><td style="padding:2px 16px 2px 0;color:#666">${literal(name)}</td><td>${literal(value)}</td></tr>`,
  );
  const code = 'background:#f4f4f4;padding:8px;font-size:12px;white-space:pre-wrap;word-break:break-all';
  return [
    '<!doctype html><html><body style="font-family:sans-serif;font-size:14px;color:#222">',
    `<h2 style="font-size:18px;border-left:6px solid ${COLOURS[tone]};padding-left:8px">${literal(title)}</h2>`,
    `<table cellpadding="0" cellspacing="0">${rows.join('')}</table>`,
    ...(chart.length > 0 ? [barsOf(chart, COLOURS[tone])] : []),
    ...(lines.length > 0 ? [`<pre style="${code}">${lines.map(literal).join('\n')}</pre>`] : []),
    ...(link === null ? [] : [`<p><a href="${literal(link)}">Open the incident</a></p>`]),
    '</body></html>',
  ].join('\n');
}

/** Bars as cells of a table: pictures and SVG are what mail clients leave out. */
function barsOf(chart: readonly number[], colour: string): string {
  const cells = shares(chart).map((share) => {
    const height = Math.max(1, Math.round(share * BAR_PX));
    const bar = `<div style="width:6px;height:${height}px;background:${colour};font-size:0;line-height:0"></div>`;
    return `<td valign="bottom" style="padding-right:2px">${bar}</td>`;
  });
  return `<table cellpadding="0" cellspacing="0" style="margin:12px 0;height:${BAR_PX}px"><tr>${cells.join('')}</tr></table>`;
}

/** Text as text, in an element and in a quoted attribute. */
function literal(text: string): string {
  const codes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => codes[character] ?? character);
}
