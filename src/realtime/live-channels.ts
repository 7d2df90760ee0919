import type { TObject, TProperties } from '@sinclair/typebox';
import type { FastifyBaseLogger } from 'fastify';
import type { Kind } from '../../schemas/event.ts';
import { ALERT_PARAMETERS, type LiveChannel } from '../../schemas/live.ts';
import { closedQuery, eventQuery, FILTER_PARAMETERS } from '../../schemas/query.ts';
import { explain, sentence } from '../core/check.ts';
import { SchemaCheck } from '../core/schema-check.ts';
import { LightwatchError } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import { named } from '../http/parameters.ts';
import type { Encoding } from './encoding.ts';
import { Hub } from './hub.ts';
import { type LiveFilter, liveAlertFilter, liveEventFilter, type Params } from './live-filter.ts';
import { alertSource, eventSource, type LiveSource } from './live-source.ts';
import { type LiveCounts, type Sink, Subscription } from './subscription.ts';

/** Begins to send a client what it asked for. Answers how to end it. */
export type Watch = (sink: Sink, encoding: Encoding) => () => void;

/** Something that can be watched live. */
export interface Channel {
  /** The parameters by which its messages are chosen. */
  readonly parameters: TProperties;
  /**
   * Understands what a client asks for, before it is connected.
   * @throws LightwatchError LW_INVALID_PARAMETER naming what is wrong
   */
  prepare(params: Params, since: string | undefined): Watch;
  stats(): LiveCounts & { readonly clients: number };
  close(): void;
}

export type Channels = Readonly<Record<LiveChannel, Channel>>;

export function openChannels({ bus, store, clock }: ModuleContext, log: Pick<FastifyBaseLogger, 'warn'>): Channels {
  function channel<I>(
    schema: TObject,
    source: LiveSource<I>,
    parse: (params: Params, now: number) => LiveFilter<I>,
  ): Channel {
    const hub = new Hub(source, clock, log);
    const check = new SchemaCheck(schema);
    return {
      parameters: schema.properties,
      prepare(params, since) {
        const faults = explain(check, params, 'filter');
        if (faults.length > 0) throw new LightwatchError('LW_INVALID_PARAMETER', sentence(faults), { details: faults });
        const filter = named(() => parse(params, clock.now()));
        return (sink, encoding) => hub.join(new Subscription<I>(sink, encoding, clock, hub.counts), filter, since);
      },
      stats: () => ({ clients: hub.clients, ...hub.counts }),
      close: () => hub.close(),
    };
  }
  const events = (kind: Kind) =>
    channel(eventQuery(FILTER_PARAMETERS[kind]), eventSource(kind, bus, store), (params, now) =>
      liveEventFilter(kind, params, now),
    );
  return {
    logs: events('log'),
    metrics: events('metric'),
    security: events('security'),
    alerts: channel(closedQuery(ALERT_PARAMETERS), alertSource(bus), liveAlertFilter),
  };
}
