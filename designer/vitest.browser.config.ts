import { defineConfig } from 'vitest/config';

// The whole console in a real browser, on the real server with its real database. One file after the other: each starts a server and a browser.
export default defineConfig({
  test: { include: ['tests/browser/**/*.test.ts'], environment: 'node', fileParallelism: false, testTimeout: 600_000, hookTimeout: 300_000 },
});
