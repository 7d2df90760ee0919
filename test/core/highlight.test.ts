import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventFilter } from '../../src/core/event-filter.ts';
import { highlighter } from '../../src/core/highlight.ts';
import { foldCase } from '../../src/core/words.ts';

/** The message with what is highlighted in brackets. */
function marked(params: Record<string, string>, message: string): string {
  const places = highlighter(eventFilter('log', params, 0))(message);
  return places.toReversed().reduce((text, { start, end }) => {
    return `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`;
  }, message);
}

test('words, phrases and matches are shown where they stand; what is excluded is not', () => {
  const rows: readonly (readonly [Record<string, string>, message: string, want: string])[] = [
    [{ q: 'time' }, 'Time, timeout, (time)', '[Time], timeout, ([time])'],
    [{ q: '"timed out" order' }, 'order 7 timed out', '[order] 7 [timed out]'],
    [{ q: 'order -paid' }, 'order 7', '[order] 7'],
    [{ q: 'time 🔥' }, '🔥 time', '[🔥] [time]'],
    [{ q: 'izmir' }, 'in İzmir', 'in [İzmir]'],
    [{ regex: '\\d+' }, 'order 17 of 234', 'order [17] of [234]'],
    [{ regex: 'x*' }, 'a xx b', 'a [xx] b'],
    [{ q: 'order', regex: 'der 1' }, 'order 17', '[order 1]7'],
    [{ q: '"aa"' }, 'aa aa', '[aa] [aa]'],
    [{ level: 'error' }, 'order 17', 'order 17'],
  ];
  for (const [params, message, want] of rows) assert.equal(marked(params, message), want);
});

test('a message that matches at every character has a bounded answer', () => {
  assert.equal(highlighter({ op: 'regex', pattern: '[ab]' })('a b '.repeat(5000)).length, 200);
});

test('places fit the message, in order and apart', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
      fc.string({ unit: 'binary' }),
      (text, message) => {
        let end = -1;
        for (const place of highlighter({ op: 'phrase', text })(`${message}${text}${message}`)) {
          assert.ok(place.start > end && place.end > place.start);
          end = place.end;
        }
        assert.equal(foldCase(message).length, message.length);
      },
    ),
  );
});
