import { defineConfig } from "vite";

// Every path in the output is relative, so the page works below any `--server.http.ui-path-prefix`.
// File names carry no hash: `dist` is committed, and a stable name keeps its diffs small.
export default defineConfig({
  base: "./",
  server: {
    proxy: {
      "/api": process.env.FERROALLOY_URL ?? "http://127.0.0.1:12346",
      "/-": process.env.FERROALLOY_URL ?? "http://127.0.0.1:12346",
    },
  },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      output: {
        entryFileNames: "assets/app.js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/app[extname]",
      },
    },
  },
});
