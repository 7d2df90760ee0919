import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatTimestamp, parseTimestamp } from '../../src/core/timestamp.ts';

function reads(input: string, want: string | undefined): void {
  test(`${input} is ${want ?? 'no timestamp'}`, () => {
    const ms = parseTimestamp(input);
    assert.equal(Number.isNaN(ms) ? undefined : formatTimestamp(ms), want);
  });
}

reads('2026-02-14T10:30:00.123Z', '2026-02-14T10:30:00.123Z');
reads('2026-02-14T10:30:00Z', '2026-02-14T10:30:00.000Z');
reads('2026-02-14t10:30:00z', '2026-02-14T10:30:00.000Z');
reads('2026-02-14 10:30:00Z', '2026-02-14T10:30:00.000Z');
reads('2026-02-14T10:30:00.123456789Z', '2026-02-14T10:30:00.123Z');
reads('2026-02-14T10:30:00.1Z', '2026-02-14T10:30:00.100Z');
reads('2026-02-14T10:30:00+05:30', '2026-02-14T05:00:00.000Z');
reads('2026-02-14T22:30:00-02:00', '2026-02-15T00:30:00.000Z');
reads('2024-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z');
reads('2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999Z');
reads('2016-12-31T23:59:60.500Z', '2016-12-31T23:59:59.999Z');
reads('0001-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z');
reads('9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z');
reads('2026-02-29T00:00:00.000Z', undefined);
reads('2026-02-30T00:00:00Z', undefined);
reads('2026-13-01T00:00:00.000Z', undefined);
reads('2026-00-01T00:00:00.000Z', undefined);
reads('2026-01-00T00:00:00.000Z', undefined);
reads('2026-01-01T24:00:00.000Z', undefined);
reads('2026-01-01T00:60:00.000Z', undefined);
reads('2026-01-01T00:00:61.000Z', undefined);
reads('2026-01-01T00:00:00+24:00', undefined);
reads('2026-01-01T00:00:00', undefined);
reads('2026-01-01', undefined);
reads('2026-01-01T00:00:00.Z', undefined);
reads('2026-01-01T00:00:0x.000Z', undefined);
reads('0000-01-01T00:00:00+00:01', undefined);
reads('9999-12-31T23:59:59-00:01', undefined);
reads('1769860800', undefined);
reads('yesterday', undefined);
reads('', undefined);

test('what was written is read back', () => {
  const anyMoment = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(9999, 11, 31) });
  fc.assert(fc.property(anyMoment, (ms) => parseTimestamp(formatTimestamp(ms)) === ms));
});

test('an offset moves the moment by itself', () => {
  const property = fc.property(
    fc.integer({ min: 0, max: 4e12 }),
    fc.integer({ min: 0, max: 23 }),
    fc.integer({ min: 0, max: 59 }),
    (ms, hours, minutes) => {
      const zone = `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
      const local = formatTimestamp(ms).replace('Z', '');
      const offset = hours * 3_600_000 + minutes * 60_000;
      assert.equal(parseTimestamp(`${local}+${zone}`), ms - offset);
      assert.equal(parseTimestamp(`${local}-${zone}`), ms + offset);
    },
  );
  fc.assert(property);
});
