import { LIMITS } from '../../../schemas/limits.ts';
import type { Clock } from '../../core/clock.ts';
import { type StoredBatch, type StoredEvent, storedEvent } from '../../core/event.ts';
import type { Filter } from '../../core/filter.ts';
import { type Matcher, matcher } from '../../core/matcher.ts';
import type { Cursor, Page, PageQuery } from '../store.ts';

/** Pages kept at once: what a few people's dashboards ask again and again. Past it the one unused longest goes. */
const MAX_PAGES = 128;
/** A page is kept from the second time it is asked for within this time, until nobody asked for it this long. */
const IDLE_MS = 15_000;
/** First questions that are remembered, to know a second one. */
const MAX_ASKED = 1_024;
/** Events a page holds: the largest page and the one event that tells whether another follows. */
const CAPACITY = LIMITS.page + 1;
/** Characters of free text a page may hold; one with larger events is not worth its memory. */
const MAX_CHARACTERS = 2 * 1024 * 1024;
/** Events committed while a page's first answer is under way; past it the page is given up. */
const MAX_MISSED_EVENTS = 50_000;

/** A filter's newest events and how many there are in all, brought up to date with every commit. */
interface HotPage {
  readonly matches: Matcher;
  /** Oldest first, so that a newcomer goes to the end; the newest CAPACITY count, up to as many more wait to be cut. */
  events: StoredEvent[];
  characters: number;
  total: number;
  /** The newest event that the page's first answer has seen; undefined while it is under way. */
  seenUpTo: number | undefined;
  /** Settles when the first answer has come. */
  filling: Promise<unknown>;
  /** What was committed while that answer was under way. */
  missed: StoredBatch[];
  missedEvents: number;
  usedAt: number;
}

/** An answer from the files: every matching event up to `lastId`. */
export interface Answer {
  readonly page: Page;
  readonly lastId: number;
}

/**
 * The newest pages that are asked for over and over, kept current in memory: the files answer the first questions, what
 * has been committed since the next ones. An answer is exact, and sees a write as soon as it is acknowledged.
 */
export class HotPages {
  private readonly clock: Clock;
  /** By their filter; the one used last is the last. */
  private readonly pages = new Map<string, HotPage>();
  /** When a filter was first asked for. */
  private readonly asked = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Brings every page up to date with a commit. */
  add(batch: StoredBatch): void {
    const now = this.clock.now();
    for (const [key, page] of this.pages) {
      if (now - page.usedAt > IDLE_MS || !addBatch(page, batch)) this.pages.delete(key);
    }
  }

  /** The page, from memory if it is there, else by `ask`, which must see everything acknowledged before it is called. */
  async page(query: PageQuery, ask: (query: PageQuery) => Promise<Answer>): Promise<Page> {
    if (!isNewestPage(query) || !isCheap(query.where)) return (await ask(query)).page;
    const key = JSON.stringify(query.where);
    const kept = this.pages.get(key);
    // Whoever asks while the first answer is under way waits for it: what was committed since is added to it.
    if (kept?.seenUpTo === undefined) await kept?.filling.catch(() => undefined);
    if (kept?.seenUpTo !== undefined && this.pages.get(key) === kept) {
      kept.usedAt = this.clock.now();
      this.pages.delete(key);
      this.pages.set(key, kept);
      return slice(kept, query);
    }
    if (kept !== undefined || !query.total || !this.isSecondTime(key)) return (await ask(query)).page;
    return this.keep(key, query, ask);
  }

  /** Forgets every page: what they hold was deleted. */
  clear(): void {
    this.pages.clear();
  }

  private isSecondTime(key: string): boolean {
    const now = this.clock.now();
    const before = this.asked.get(key);
    this.asked.delete(key);
    this.asked.set(key, now);
    const [oldest] = this.asked.keys();
    if (this.asked.size > MAX_ASKED && oldest !== undefined) this.asked.delete(oldest);
    return before !== undefined && now - before <= IDLE_MS;
  }

  private async keep(key: string, query: PageQuery, ask: (query: PageQuery) => Promise<Answer>): Promise<Page> {
    const page: HotPage = {
      matches: matcher(query.where),
      events: [],
      characters: 0,
      total: 0,
      seenUpTo: undefined,
      filling: Promise.resolve(),
      missed: [],
      missedEvents: 0,
      usedAt: this.clock.now(),
    };
    this.pages.set(key, page);
    const [unusedLongest] = this.pages.keys();
    if (this.pages.size > MAX_PAGES && unusedLongest !== undefined) this.pages.delete(unusedLongest);
    try {
      const asked = ask({ ...query, offset: 0, limit: CAPACITY });
      page.filling = asked;
      const answer = await asked;
      const complete = fill(page, answer);
      if (!complete) this.forget(key, page);
      return complete ? slice(page, query) : cut(answer.page, query);
    } catch (error) {
      this.forget(key, page);
      throw error;
    }
  }

  private forget(key: string, page: HotPage): void {
    if (this.pages.get(key) === page) this.pages.delete(key);
  }
}

/** A newest page that does not begin at a cursor. */
function isNewestPage({ order, after, offset, limit }: PageQuery): boolean {
  return order === 'desc' && after === undefined && offset + limit <= LIMITS.page;
}

/** Whether a filter costs next to nothing an event: it runs for every one that is committed. Time ranges move on. */
function isCheap(filter: Filter): boolean {
  if (filter.op === 'all' || filter.op === 'any') return filter.filters.every(isCheap);
  return filter.op === 'not' ? isCheap(filter.filter) : filter.op === 'one_of';
}

/** Takes the first answer in, and what was committed since; false when the page cannot be kept. */
function fill(page: HotPage, { page: { events, total = 0 }, lastId }: Answer): boolean {
  page.events = [...events].reverse();
  page.characters = events.reduce((sum, event) => sum + characters(event), 0);
  page.total = total;
  page.seenUpTo = lastId;
  const { missed } = page;
  page.missed = [];
  return missed.every((batch) => addBatch(page, batch)) && page.missedEvents <= MAX_MISSED_EVENTS;
}

/** Adds what matches and is newer than what the page has seen; false when the page cannot be kept. */
function addBatch(page: HotPage, batch: StoredBatch): boolean {
  const { seenUpTo } = page;
  if (seenUpTo === undefined) {
    page.missedEvents += batch.events.length;
    if (page.missedEvents <= MAX_MISSED_EVENTS) page.missed.push(batch);
    return true;
  }
  if (batch.events.length > 0 && Number(batch.id(batch.events.length - 1)) <= seenUpTo) return true;
  const isNew = batch.events.length === 0 || Number(batch.id(0)) > seenUpTo;
  for (let index = 0; index < batch.events.length; index++) {
    const event = batch.events[index];
    if (event === undefined || !page.matches(event)) continue;
    if (!isNew && Number(batch.id(index)) <= seenUpTo) continue;
    page.total++;
    const oldest = page.events.length >= CAPACITY ? page.events[page.events.length - CAPACITY] : undefined;
    if (oldest === undefined || event.timestamp >= oldest.timestamp) insert(page, storedEvent(batch, index));
  }
  return page.characters <= MAX_CHARACTERS;
}

function insert(page: HotPage, event: StoredEvent): void {
  const { events } = page;
  let place = events.length;
  // Ids grow: at the same moment the newcomer is the newer one.
  while (place > 0 && (events[place - 1]?.timestamp ?? 0) > event.timestamp) place--;
  if (place === events.length) events.push(event);
  else events.splice(place, 0, event);
  page.characters += characters(event);
  if (events.length < 2 * CAPACITY) return;
  for (const gone of events.splice(0, events.length - CAPACITY)) page.characters -= characters(gone);
}

/** About how much memory an event takes besides its fixed parts. */
function characters(event: StoredEvent): number {
  const text = 'message' in event ? event.message.length : 0;
  return text + (event.meta === undefined ? 0 : LIMITS.metaBytes / 8) + (event.tags === undefined ? 0 : 512);
}

function slice(page: Pick<HotPage, 'events' | 'total'>, { offset, limit, total }: PageQuery): Page {
  const end = page.events.length - offset;
  const events = page.events.slice(Math.max(0, end - limit), Math.max(0, end)).reverse();
  const last = events.at(-1);
  const next: Cursor | undefined =
    end > limit && last !== undefined ? { timestamp: last.timestamp, id: last.id } : undefined;
  return { events, ...(total ? { total: page.total } : {}), ...(next === undefined ? {} : { next }) };
}

/** The part of a larger answer that was asked for. */
function cut({ events, total = 0 }: Page, query: PageQuery): Page {
  return slice({ events: [...events].reverse(), total }, query);
}
