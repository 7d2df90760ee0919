import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { Id } from '../../schemas/common.ts';
import { RuleTest } from '../../schemas/rule-test.ts';
import type { Clock } from '../core/clock.ts';
import { findingOf, heldAgainst } from '../core/decision.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Store } from '../store/store.ts';
import { evaluateRule } from './evaluate.ts';
import { Memory } from './memory.ts';
import type { Rules } from './rules.ts';
import { StoreData } from './store-data.ts';
import { observe } from './track-step.ts';

interface RuleTestRouteOptions {
  readonly store: Store;
  readonly rules: Rules;
  readonly clock: Clock;
}

/** Evaluates a rule at once, switched on or not, and opens nothing: `/:id/test`. */
export const ruleTestRoutes: FastifyPluginAsyncTypebox<RuleTestRouteOptions> = async (app, { store, rules, clock }) => {
  const schema = {
    tags: ['alerts'],
    summary: 'What a rule finds at this moment; nothing follows of it',
    params: Type.Object({ id: Id }),
    response: { 200: RuleTest },
  };
  app.post('/:id/test', { config: { scope: 'read' }, schema }, async ({ params }) => {
    const rule = await rules.get(params.id);
    const now = clock.now();
    const readings = await evaluateRule(rule, new StoreData(store, new Memory()), now);
    const data = [...observe(rule, readings, []).found.values()].map((reading) => ({
      service: reading.service,
      group: reading.group,
      breached: reading.breached,
      value: reading.value,
      threshold: heldAgainst(rule, reading),
      reason: `${findingOf(rule, reading)}.`,
    }));
    data.sort((a, b) => Number(b.breached) - Number(a.breached));
    return { at: formatTimestamp(now), breached: data.some(({ breached }) => breached), data };
  });
};
