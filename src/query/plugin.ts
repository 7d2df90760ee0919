import type { Module } from '../http/module.ts';
import { exportRoutes } from './export/routes.ts';
import { logRoutes } from './logs.ts';
import { metricRoutes } from './metrics.ts';
import { savedRoutes } from './saved/saved-routes.ts';
import { securityRoutes } from './security.ts';
import { serviceRoutes } from './services.ts';
import { v1Routes } from './v1/routes.ts';

/** Events are found again: one file a resource, over the store alone. */
export const queryModule: Module = async (app, context) => {
  for (const routes of [logRoutes, metricRoutes, securityRoutes, serviceRoutes, exportRoutes, savedRoutes, v1Routes])
    await routes(app, context);
};
