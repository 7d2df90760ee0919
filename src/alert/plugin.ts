import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Leadership } from '../core/leadership.ts';
import type { ModuleContext } from '../http/module.ts';
import { channelRoutes } from './channel-routes.ts';
import { Channels } from './channels.ts';
import { DecisionLog } from './decision-log.ts';
import { decisionRoutes } from './decision-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { AlertEngine } from './engine.ts';
import { incidentRoutes } from './incident-routes.ts';
import { Incidents } from './incidents.ts';
import { ledDocuments, storeWith } from './led-store.ts';
import { createAddressGuard } from './notify/address-guard.ts';
import { ChannelSender } from './notify/channel-sender.ts';
import { createHttpPoster } from './notify/http-poster.ts';
import { createMailer } from './notify/mailer.ts';
import { Outbox } from './notify/outbox.ts';
import type { Send } from './notify/sender.ts';
import { previewRoutes } from './preview/preview-routes.ts';
import { routeReader } from './router.ts';
import { ruleRoutes, ruleServiceRoutes } from './rule-routes.ts';
import { ruleTestRoutes } from './rule-test-routes.ts';
import { Rules } from './rules.ts';
import { cronSchedule, type Schedule } from './schedule.ts';
import { silenceRoutes } from './silence-routes.ts';
import { Silences } from './silences.ts';
import { TakeOver } from './take-over.ts';

/** Figures of `engine.stats()` that only grow. */
const COUNTERS = [
  'ticks',
  'skipped',
  'failedTicks',
  'expired',
  'outbox.delivered',
  'outbox.failedTries',
  'outbox.givenUp',
  'outbox.summaries',
  'outbox.summarised',
];

export interface AlertContext extends ModuleContext {
  /** Which replica evaluates and sends. */
  readonly leadership: Leadership;
}

type AlertModule = FastifyPluginAsyncTypebox<AlertContext>;

/** Rules, incidents, deliveries, and the engine that makes the second of the first. */
export const alertModule: AlertModule = async (app, context) => {
  const schedule = cronSchedule(context.config.alertIntervalMs, context.clock);
  await app.register(alertModuleOn(schedule), context);
};

/** The same, evaluated when `schedule` says so. */
export function alertModuleOn(schedule: Schedule): AlertModule {
  return async (app, { config, store, bus, clock, leadership }) => {
    const { documents } = store;
    const led = ledDocuments(documents, leadership);
    const guard = createAddressGuard(config.webhookAllow);
    const http = createHttpPoster(guard, clock);
    const sender = new ChannelSender({ documents, clock, http, sendMail: createMailer(config.smtp) });
    const send: Send = async (delivery, signal) => {
      if (leadership.leader) return sender.send(delivery, signal);
      // It is the next leader's: nothing is known of it here any more.
      void outbox.stop();
      return { ok: false, status: null, error: 'this replica leads no longer' };
    };
    const outbox = new Outbox({ documents, clock, log: app.log, send, publicUrl: config.publicUrl });
    const parts = { bus, outbox, log: app.log, publicUrl: config.publicUrl };
    // What people do by hand any replica may do; what the engine does, the leader alone.
    const incidents = new Incidents({ ...parts, documents });
    const takeOver = new TakeOver(led, leadership);
    const decisions = new DecisionLog(led, app.log);
    const readRoutes = routeReader(documents);
    const engine = new AlertEngine({
      store: storeWith(store, led),
      clock,
      log: app.log,
      incidents: new Incidents({ ...parts, documents: led }),
      isLeader: () => leadership.leader,
      prepare: () => takeOver.finish(),
      outbox,
      decisions,
      retentionMs: config.retentionMs.incident,
      readRoutes,
    });
    const rules = new Rules(documents, clock, guard);
    const channels = new Channels(documents, clock, guard);
    const silences = new Silences(documents, clock);
    const hasMail = config.smtp !== undefined;
    app.stats.add('alert', () => ({ ...engine.stats(), fence: leadership.fence }), { counters: COUNTERS });

    // One resource with three names; the last is that of the API server.
    for (const prefix of ['/api/alerts', '/api/alerts/rules', '/api/v1/alerts']) {
      await app.register(ruleRoutes, { prefix, rules, documents });
      await app.register(ruleTestRoutes, { prefix, store, rules, clock });
      await app.register(decisionRoutes, { prefix, decisions, documents, of: 'rule' });
    }
    await app.register(ruleServiceRoutes, { prefix: '/api/alerts/services', rules, documents });
    for (const prefix of ['/api/alerts/incidents', '/api/v1/alerts/instances']) {
      await app.register(incidentRoutes, { prefix, incidents, documents, clock });
      await app.register(decisionRoutes, { prefix, decisions, documents, of: 'incident' });
    }
    const previews = { store, clock, rules, readRoutes, intervalMs: config.alertIntervalMs };
    await app.register(previewRoutes, { prefix: '/api/alerts/preview', ...previews });
    await app.register(channelRoutes, { prefix: '/api/alerts/channels', channels, documents, clock, sender, hasMail });
    await app.register(silenceRoutes, { prefix: '/api/alerts/silences', silences, clock });
    await app.register(deliveryRoutes, { prefix: '/api/alerts/deliveries', documents, outbox });

    // A new leader does not wait for its next tick, and who leads no longer sends nothing more.
    leadership.onChange((leader) => {
      if (!leader) void outbox.stop();
      void engine.tick();
    });
    const beat = schedule(() => engine.tick());
    app.addHook('onReady', async () => {
      // Not awaited: what was left unsent must not keep the server from listening.
      void engine.tick();
    });
    app.addHook('onClose', async () => {
      await beat.stop();
      await engine.idle();
      await outbox.stop();
      await http.close();
    });
  };
}
