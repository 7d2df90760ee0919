import type { Module } from '../http/module.ts';
import { DecisionLog } from './decision-log.ts';
import { decisionRoutes } from './decision-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { AlertEngine } from './engine.ts';
import { incidentRoutes } from './incident-routes.ts';
import { Incidents } from './incidents.ts';
import { createAddressGuard } from './notify/address-guard.ts';
import { Outbox } from './notify/outbox.ts';
import { createWebhookSender } from './notify/webhook.ts';
import { ruleRoutes, ruleServiceRoutes } from './rule-routes.ts';
import { Rules } from './rules.ts';
import { cronSchedule, type Schedule } from './schedule.ts';

/** Figures of `engine.stats()` that only grow. */
const COUNTERS = [
  'ticks',
  'skipped',
  'failedTicks',
  'expired',
  'outbox.delivered',
  'outbox.failedTries',
  'outbox.givenUp',
];

/** Rules, incidents, deliveries, and the engine that makes the second of the first. */
export const alertModule: Module = async (app, context) => {
  const schedule = cronSchedule(context.config.alertIntervalMs, context.clock);
  await app.register(alertModuleOn(schedule), context);
};

/** The same, evaluated when `schedule` says so. */
export function alertModuleOn(schedule: Schedule): Module {
  return async (app, { config, store, bus, clock }) => {
    const { documents } = store;
    const guard = createAddressGuard(config.webhookAllow);
    const webhook = createWebhookSender(guard, clock);
    const outbox = new Outbox({ documents, clock, log: app.log, send: webhook.send });
    const incidents = new Incidents({ documents, bus, outbox, log: app.log, publicUrl: config.publicUrl });
    const decisions = new DecisionLog(documents, app.log);
    const engine = new AlertEngine({
      store,
      clock,
      log: app.log,
      incidents,
      outbox,
      decisions,
      retentionMs: config.retentionMs.incident,
    });
    const rules = new Rules(documents, clock, guard);
    app.stats.add('alert', () => engine.stats(), { counters: COUNTERS });

    // One resource with two names.
    for (const prefix of ['/api/alerts', '/api/alerts/rules']) {
      await app.register(ruleRoutes, { prefix, rules, documents });
      await app.register(decisionRoutes, { prefix, decisions, documents, of: 'rule' });
    }
    await app.register(ruleServiceRoutes, { prefix: '/api/alerts/services', rules, documents });
    await app.register(incidentRoutes, { prefix: '/api/alerts/incidents', incidents, documents, clock });
    await app.register(decisionRoutes, { prefix: '/api/alerts/incidents', decisions, documents, of: 'incident' });
    await app.register(deliveryRoutes, { prefix: '/api/alerts/deliveries', documents });

    const beat = schedule(() => engine.tick());
    app.addHook('onReady', async () => {
      // Not awaited: what was left unsent must not keep the server from listening.
      void engine.tick();
    });
    app.addHook('onClose', async () => {
      await beat.stop();
      await engine.idle();
      await outbox.stop();
      await webhook.close();
    });
  };
}
