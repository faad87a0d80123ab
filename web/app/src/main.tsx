import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './styles/tokens.css';
import './styles/base.css';
import { startLive } from './data/live';
import { createQueryClient } from './data/query';
import { askSession } from './data/session';
import { Gate } from './shell/Gate';

const queries = createQueryClient();
startLive(queries);
void askSession();

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Gate />
    </QueryClientProvider>
  </StrictMode>,
);
