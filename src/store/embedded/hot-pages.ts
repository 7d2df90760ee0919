import { LIMITS } from '../../../schemas/limits.ts';
import type { Clock } from '../../core/clock.ts';
import { type StoredBatch, type StoredEvent, storedEvent } from '../../core/event.ts';
import type { Filter } from '../../core/filter.ts';
import { type Matcher, matcher } from '../../core/matcher.ts';
import type { Cursor, Page, PageQuery } from '../store.ts';

/** Pages kept at once: what a few people's dashboards ask again and again. */
const MAX_PAGES = 128;
/** A page that nobody asked for in this time is no longer kept up. */
const IDLE_MS = 15_000;
/** Events a page holds: the largest page and the one event that tells whether another follows. */
const CAPACITY = LIMITS.page + 1;

/** A filter's newest events and how many there are in all, brought up to date with every commit. */
interface HotPage {
  readonly matches: Matcher;
  /** Oldest first, so that a newcomer goes to the end; the newest CAPACITY count, up to as many more wait to be cut. */
  events: StoredEvent[];
  total: number;
  /** Commits since the page was asked for, until its answer has come. */
  missed: StoredBatch[] | undefined;
  usedAt: number;
}

/** An answer from the files: every matching event up to `lastId`. */
export interface Answer {
  readonly page: Page;
  readonly lastId: number;
}

/**
 * The newest pages that are asked for over and over, kept current in memory: the first question is answered by the
 * files, the next ones by what has been committed since. An answer is exact, and sees a write as soon as it is acknowledged.
 */
export class HotPages {
  private readonly clock: Clock;
  private readonly pages = new Map<string, HotPage>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Whether a query is of the kind that is kept: a newest page that does not begin at a cursor, with its total. */
  static serves(query: PageQuery): boolean {
    return (
      query.order === 'desc' &&
      query.after === undefined &&
      query.offset + query.limit <= LIMITS.page &&
      !hasTime(query.where)
    );
  }

  /** Brings every page up to date with a commit. */
  add(batch: StoredBatch): void {
    const now = this.clock.now();
    for (const [key, page] of this.pages) {
      if (now - page.usedAt > IDLE_MS) this.pages.delete(key);
      else if (page.missed !== undefined) page.missed.push(batch);
      else addBatch(page, batch);
    }
  }

  /** The page, from memory if it is there, else by `ask`, which must see everything acknowledged before it is called. */
  async page(query: PageQuery, ask: (query: PageQuery) => Promise<Answer>): Promise<Page> {
    const key = JSON.stringify(query.where);
    const kept = this.pages.get(key);
    if (kept !== undefined && kept.missed === undefined) {
      kept.usedAt = this.clock.now();
      return slice(kept, query);
    }
    if (kept !== undefined || this.pages.size >= MAX_PAGES) return (await ask(query)).page;
    const page: HotPage = { matches: matcher(query.where), events: [], total: 0, missed: [], usedAt: this.clock.now() };
    this.pages.set(key, page);
    try {
      const answer = await ask({ ...query, offset: 0, limit: CAPACITY, total: true });
      this.fill(page, answer);
    } catch (error) {
      this.pages.delete(key);
      throw error;
    }
    return slice(page, query);
  }

  /** Forgets every page: what they hold was deleted, or can no longer be told. */
  clear(): void {
    this.pages.clear();
  }

  private fill(page: HotPage, { page: { events, total = 0 }, lastId }: Answer): void {
    const missed = page.missed ?? [];
    page.missed = undefined;
    page.events = [...events].reverse();
    page.total = total;
    for (const batch of missed) addBatch(page, batch, lastId);
  }
}

function hasTime(filter: Filter): boolean {
  if (filter.op === 'all' || filter.op === 'any') return filter.filters.some(hasTime);
  return filter.op === 'not' ? hasTime(filter.filter) : filter.op === 'time';
}

/** Adds what matches, leaving out what the answer had already seen. */
function addBatch(page: HotPage, batch: StoredBatch, after = 0): void {
  const { events } = page;
  for (let index = 0; index < batch.events.length; index++) {
    const event = batch.events[index];
    if (event === undefined || !page.matches(event)) continue;
    if (after > 0 && Number(batch.id(index)) <= after) continue;
    page.total++;
    const oldest = events.length >= CAPACITY ? events[events.length - CAPACITY] : undefined;
    if (oldest === undefined || event.timestamp >= oldest.timestamp) insert(events, storedEvent(batch, index));
  }
}

function insert(events: StoredEvent[], event: StoredEvent): void {
  let place = events.length;
  // Ids grow: at the same moment the newcomer is the newer one.
  while (place > 0 && (events[place - 1]?.timestamp ?? 0) > event.timestamp) place--;
  if (place === events.length) events.push(event);
  else events.splice(place, 0, event);
  if (events.length >= 2 * CAPACITY) events.splice(0, events.length - CAPACITY);
}

function slice(page: HotPage, { offset, limit, total }: PageQuery): Page {
  const end = page.events.length - offset;
  const events = page.events.slice(Math.max(0, end - limit), Math.max(0, end)).reverse();
  const last = events.at(-1);
  const next: Cursor | undefined =
    end > limit && last !== undefined ? { timestamp: last.timestamp, id: last.id } : undefined;
  return { events, ...(total ? { total: page.total } : {}), ...(next === undefined ? {} : { next }) };
}
