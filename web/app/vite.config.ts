import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The product behind the pages. */
const product = process.env.WORKFLOW_URL ?? 'http://127.0.0.1:3001';
const port = Number(process.env.PORT ?? 5173);

// The product accepts sockets of its own origin alone, so the proxy speaks as if the page came from there.
const proxy = Object.fromEntries(
  ['/api', '/health', '/docs', '/openapi.json', '/ws'].map((path) => [
    path,
    {
      target: product,
      changeOrigin: true,
      ws: path === '/ws',
      headers: { origin: product },
    },
  ]),
);

/** What the product sends with the page, so that a preview is as strict. */
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; " +
  "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export default defineConfig({
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    sourcemap: false,
    // Everything a file of its own: what is inlined as data: the policy would refuse.
    assetsInlineLimit: 0,
    target: ['chrome125', 'firefox128', 'safari17.5'],
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ }],
        },
      },
    },
  },
  server: { host: '127.0.0.1', port, strictPort: true, proxy },
  preview: { host: '127.0.0.1', port, strictPort: true, proxy, headers: { 'Content-Security-Policy': policy } },
});
