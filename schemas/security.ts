import { type Static, Type } from '@sinclair/typebox';
import { commonV1, commonV2, Host, oneOf, Service, storedFields } from './common.ts';
import { LIMITS } from './limits.ts';

export const SECURITY_TYPES = [
  'brute_force',
  'port_scan',
  'auth_failure',
  'malware',
  'injection',
  'xss',
  'ddos',
  'privilege_escalation',
  'other',
] as const;

/** From least to most severe: `min_severity` and the store's codes rely on this order. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

const own = {
  service: Service,
  type: oneOf(SECURITY_TYPES),
  severity: oneOf(SEVERITIES),
  source_ip: Type.Optional(Type.String({ format: 'ip', maxLength: 45, description: 'IPv4 or IPv6' })),
  description: Type.Optional(Type.String({ maxLength: LIMITS.description })),
  host: Type.Optional(Host),
};

export const Security = Type.Object({ ...commonV2, ...own }, { additionalProperties: false, $id: 'Security' });
export const SecurityV1 = Type.Object({ ...commonV1, ...own }, { additionalProperties: false, $id: 'SecurityV1' });
export const StoredSecurity = Type.Object({ ...Security.properties, ...storedFields }, { $id: 'StoredSecurity' });

export type Security = Static<typeof Security>;
export type StoredSecurity = Static<typeof StoredSecurity>;
