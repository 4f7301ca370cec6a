import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { newRouter } from './app/routes';
import './app/page.css';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <RouterProvider router={newRouter()} />
  </StrictMode>,
);
