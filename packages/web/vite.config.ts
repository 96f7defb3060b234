import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The server serves what this makes; while developing, `npm run dev -w packages/web` asks a server that runs beside it. */
export default defineConfig({
  plugins: [react()],
  build: { target: 'es2022', outDir: 'dist', manifest: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  server: {
    proxy: Object.fromEntries(['/api', '/logos', '/docs'].map((path) => [path, 'http://127.0.0.1:3000'])),
  },
})
