import type { BodyReading } from '../core/body-reading.ts';
import { sentence } from '../core/check.ts';
import { LightwatchError } from '../errors.ts';

/** What a body came to. @throws LightwatchError LW_INVALID_REQUEST naming every fault */
export function accept<T>(reading: BodyReading<T>): T {
  if (reading.ok) return reading.value;
  throw new LightwatchError('LW_INVALID_REQUEST', sentence(reading.faults), { details: reading.faults });
}
