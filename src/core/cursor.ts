import { LIMITS } from '../../schemas/limits.ts';

/** A place between two events, as the store's port knows it. */
interface Place {
  readonly timestamp: number;
  readonly id: string;
}

// Milliseconds since the epoch, a comma, the id of the event that the place comes after.
const SHAPE = /^(-?\d{1,16}),(.+)$/su;

/** A place as clients carry it: text without a meaning to them. */
export function encodeCursor(place: Place): string {
  return Buffer.from(`${place.timestamp},${place.id}`).toString('base64url');
}

/** The place a client brings back; undefined when no `encodeCursor` made it. */
export function decodeCursor(text: string): Place | undefined {
  const [, timestamp, id] = SHAPE.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (timestamp === undefined || id === undefined || id.length > LIMITS.id) return undefined;
  const place = { timestamp: Number(timestamp), id };
  return encodeCursor(place) === text ? place : undefined;
}
