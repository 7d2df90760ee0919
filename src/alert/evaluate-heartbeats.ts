import type { RuleSpecOf } from '../../schemas/rule.ts';
import { groupFields } from '../core/group.ts';
import type { Reading } from '../core/incident.ts';
import { judgeAge, judgeHeartbeat, type Pulse } from '../core/judge.ts';
import { learnRhythm, type Rhythm } from '../core/rhythm.ts';
import { heartbeatsByService } from '../core/service-heartbeats.ts';
import type { ServiceRecord } from '../store/store.ts';
import type { EventData, Slice } from './event-data.ts';
import { whose } from './per-group.ts';

/** Rules that look at heartbeats: by their age, or by what they report. */
type HeartbeatRule = RuleSpecOf<'heartbeat'> | RuleSpecOf<'threshold'>;

/** Whoever sends heartbeats: a service or, for a rule that groups by host, one of its hosts. */
interface Source {
  readonly service: string;
  readonly host: string | null;
  readonly lastSeen: number;
  readonly states: readonly string[];
}

/**
 * Each service is judged for itself, also by a rule that names none; one that never sent a heartbeat is not overdue.
 */
export async function evaluateHeartbeats(
  rule: HeartbeatRule,
  data: EventData,
  now: number,
): Promise<readonly Reading[]> {
  const heard = (await data.heartbeats(now)).filter(
    ({ service }) => rule.service === undefined || service === rule.service,
  );
  const byHost = groupFields(rule).includes('host');
  // The longest silent first: if not all can be learnt of at once, those are.
  const sources = (byHost ? heard.map(hostSource) : serviceSources(heard)).toSorted((a, b) => a.lastSeen - b.lastSeen);
  return Promise.all(sources.map((source) => evaluateSource(rule, source, data, now)));
}

async function evaluateSource(rule: HeartbeatRule, source: Source, data: EventData, now: number): Promise<Reading> {
  const fields = groupFields(rule);
  const own: Readonly<Record<string, string | null>> = { service: source.service, host: source.host };
  const { group, fields: named } = whose(
    rule,
    fields,
    fields.map((field) => own[field] ?? null),
  );
  const ageMs = Math.max(0, now - source.lastSeen);
  const judged =
    rule.type === 'threshold' ? judgeAge(rule, ageMs) : judgeHeartbeat(rule, await pulseOf(rule, source, data, now));
  return { service: source.service, group, ...(named !== undefined && { fields: named }), ...judged };
}

async function pulseOf(rule: RuleSpecOf<'heartbeat'>, source: Source, data: EventData, now: number): Promise<Pulse> {
  const { lastSeen, states } = source;
  const rhythm = rule.condition.learn === true ? await rhythmOf(source, data, now) : undefined;
  return { ageMs: Math.max(0, now - lastSeen), states, rhythm };
}

async function rhythmOf({ service, host }: Source, data: EventData, now: number): Promise<Rhythm | undefined> {
  const only: Slice['only'] = host === null ? { service: [service] } : { service: [service], host: [host] };
  return learnRhythm((await data.moments({ kind: 'heartbeat', only }, now)) ?? []);
}

function hostSource({ service, host, lastSeen, status }: ServiceRecord): Source {
  return { service, host, lastSeen, states: [status] };
}

function serviceSources(heard: readonly ServiceRecord[]): readonly Source[] {
  return heartbeatsByService(heard).map(({ service, lastSeen, hosts }) => ({
    service,
    host: null,
    lastSeen,
    states: hosts.map(({ status }) => status),
  }));
}
