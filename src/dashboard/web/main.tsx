import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createQueryClient } from './api/use-api.ts';
import { applyTheme } from './lib/theme.ts';
import { preload } from './shell/pages.ts';
import { Shell } from './shell/shell.tsx';
import './style/main.css';

applyTheme();
preload(location.pathname);
const root = document.getElementById('root');
if (root === null) throw new Error('BUG: the page has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <Shell />
    </QueryClientProvider>
  </StrictMode>,
);
