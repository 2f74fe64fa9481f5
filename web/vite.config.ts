/** Builds the web app: one page, the player in a chunk of its own that loads when somebody watches. */
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [preact()],
  // The build of p2p-media-loader's core that brings the `Buffer`, `process` and `global` it needs.
  resolve: { conditions: ['p2pml:core-as-bundle', 'browser', 'module', 'import', 'default'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The page may load no `data:` addresses and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
});
