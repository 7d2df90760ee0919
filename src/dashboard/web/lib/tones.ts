import type { ServiceState } from '../../../../schemas/heartbeat.ts';
import type { IncidentState } from '../../../../schemas/incident.ts';
import type { Level } from '../../../../schemas/log.ts';
import type { Security } from '../../../../schemas/security.ts';
import type { Tone } from '../ui/badge.tsx';

type Severity = Security['severity'];

/** Levels from least to most severe. */
export const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly Level[];
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Severity[];

/** The text colour of each level. */
export const LEVEL_TEXT: Readonly<Record<Level, string>> = {
  debug: 'text-debug',
  info: 'text-info',
  warn: 'text-warn',
  error: 'text-error',
  fatal: 'text-fatal',
};

/** Tokens that charts fill with. */
export const LEVEL_COLOURS: Readonly<Record<Level, string>> = {
  debug: '--color-line-strong',
  info: '--color-info',
  warn: '--color-warn',
  error: '--color-error',
  fatal: '--color-fatal',
};

export const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = {
  low: 'neutral',
  medium: 'warn',
  high: 'error',
  critical: 'fatal',
};
export const SEVERITY_COLOURS: Readonly<Record<Severity, string>> = {
  low: '--color-line-strong',
  medium: '--color-warn',
  high: '--color-error',
  critical: '--color-fatal',
};

export const HEALTH_TONES: Readonly<Record<ServiceState['status'], Tone>> = {
  healthy: 'ok',
  degraded: 'warn',
  unhealthy: 'error',
  stale: 'neutral',
};

export const INCIDENT_TONES: Readonly<Record<IncidentState, Tone>> = {
  open: 'error',
  acknowledged: 'warn',
  resolved: 'ok',
};
