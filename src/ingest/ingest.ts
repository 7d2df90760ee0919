import type { FastifyReply, FastifyRequest } from 'fastify';
import { KINDS, type Kind } from '../../schemas/event.ts';
import type { BatchReply } from '../../schemas/ingest.ts';
import type { EventOf } from '../core/event.ts';
import { LightwatchError } from '../errors.ts';
import { asLightwatchError } from '../http/error-handler.ts';
import { type AdmitOptions, admit, type Refusal } from './admit.ts';
import type { Counters } from './counters.ts';
import type { Item } from './parse-body.ts';
import type { Recorder } from './recorder.ts';

/** A value and the kind of event it is meant to be. */
export interface Claimed {
  readonly kind: Kind;
  readonly value: unknown;
}

/** Takes the kind out of an event that says it; undefined when it says none that exists, and there is no usual one. */
export function claimKind(value: unknown, usual?: Kind): Claimed | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { kind: claimed = usual, ...event } = value as Record<string, unknown>;
  const kind = KINDS.find((known) => known === claimed);
  if (kind === 'span') return { kind, value: ownKind(event) };
  return kind === undefined ? undefined : { kind, value: event };
}

/** `kind` says that the event is a span: what kind of span stands under `span_kind`. */
function ownKind({ span_kind, ...span }: Record<string, unknown>): Record<string, unknown> {
  return span_kind === undefined ? span : { ...span, kind: span_kind };
}

/** @throws LightwatchError saying why the value is no such event */
function accepted<K extends Kind>(kind: K, value: unknown, when: AdmitOptions): EventOf<K> {
  const admission = admit(kind, value, when);
  if ('event' in admission) return admission.event;
  const { code, message, details } = admission.refusal;
  throw new LightwatchError(code, message, { details: details ?? [] });
}

const NO_KIND: Refusal = { code: 'LW_INVALID_EVENT', message: `kind: must be one of ${KINDS.join(', ')}` };

export function noKind(): LightwatchError {
  return new LightwatchError(NO_KIND.code, NO_KIND.message);
}

/** One call's way from values to stored events. */
export class Ingest {
  private readonly recorder: Recorder;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  /** Stores one event and has it answered: by `answer`, which is given its id, or as an error. */
  one<K extends Kind>(
    kind: K,
    value: unknown,
    when: AdmitOptions,
    reply: FastifyReply,
    answer: (id: string) => void,
  ): void {
    this.recorder.submit(
      kind,
      [accepted(kind, value, when)],
      (recorded) => answer(recorded.id(0)),
      (error) => reply.send(error),
    );
  }

  /** Stores a counter with its new total; answers its id. */
  async increment(counters: Counters, value: unknown, when: AdmitOptions): Promise<string> {
    const event = accepted('metric', value, when);
    if (event.value < 0) {
      const details = [{ field: 'value', message: 'must be at least 0' }];
      throw new LightwatchError('LW_INVALID_EVENT', 'value: must be at least 0', { details });
    }
    const counter = await counters.add(event);
    try {
      return (await this.recorder.record('metric', [counter])).id(0);
    } catch (error) {
      counters.forget(event);
      throw error;
    }
  }

  /**
   * Stores what can be accepted of many, and says what was refused and why. Each kind is stored by itself: should that
   * fail for some kinds, only their events are refused.
   * @throws why it failed when nothing was stored: the whole batch can then be sent again
   */
  async batch(
    items: readonly Item[],
    claim: (value: unknown) => Claimed | undefined,
    when: AdmitOptions,
    request: FastifyRequest,
    reply: FastifyReply,
    status = 200,
  ) {
    const admitted: Admitted = {
      log: noEvents(),
      metric: noEvents(),
      security: noEvents(),
      heartbeat: noEvents(),
      span: noEvents(),
    };
    const errors: BatchReply['errors'] = [];
    for (const [index, item] of items.entries()) {
      const refusal = admitInto(admitted, index, item, claim, when);
      if (refusal !== undefined) errors.push({ index, code: refusal.code, message: refusal.message });
    }

    const failures = (await Promise.all(KINDS.map((kind) => this.store(kind, admitted[kind])))).flat();
    const [first] = failures;
    const failed = failures.flatMap(({ error: { code, message }, indexes }) =>
      indexes.map((index) => ({ index, code, message })),
    );
    if (first !== undefined && failed.length + errors.length === items.length) throw first.error;
    for (const { error } of failures) request.server.errorLog.add(error, request);
    errors.push(...failed);
    if (failed.length > 0) errors.sort((a, b) => a.index - b.index);

    const counts: BatchReply = { accepted: items.length - errors.length, rejected: errors.length, errors };
    if (counts.accepted > 0 || items.length === 0) return reply.code(status).send(counts);
    const error = {
      code: 'LW_INVALID_EVENT',
      message: `every event was refused; the first: ${errors[0]?.message ?? ''}`,
    };
    return reply.code(400).send({ ...counts, error, request_id: request.id });
  }

  /** Stores the events of one kind; answers why it could not, if so. */
  private async store<K extends Kind>(kind: K, { events, indexes }: EventsOf<K>): Promise<readonly Failure[]> {
    try {
      await this.recorder.record(kind, events);
      return [];
    } catch (error) {
      return [{ error: asLightwatchError(error), indexes }];
    }
  }
}

/** Events of a kind that can be stored, and where in the batch they were. */
interface EventsOf<K extends Kind> {
  readonly events: EventOf<K>[];
  readonly indexes: number[];
}
type Admitted = { readonly [K in Kind]: EventsOf<K> };

interface Failure {
  readonly error: LightwatchError;
  readonly indexes: readonly number[];
}

const noEvents = () => ({ events: [], indexes: [] });

/** Adds an item's event to those of its kind; answers why not. */
function admitInto(
  admitted: Admitted,
  index: number,
  item: Item,
  claim: (value: unknown) => Claimed | undefined,
  when: AdmitOptions,
): Refusal | undefined {
  if ('error' in item) return { code: item.error.code, message: item.error.message };
  const claimed = claim(item.value);
  if (claimed === undefined) return NO_KIND;
  const admission = admit(claimed.kind, claimed.value, when);
  if ('refusal' in admission) return admission.refusal;
  const { events, indexes }: EventsOf<Kind> = admitted[claimed.kind];
  events.push(admission.event);
  indexes.push(index);
  return undefined;
}
