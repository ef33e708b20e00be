import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // Two threads of a busy machine: a slow test is no wrong test.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // What runs in a browser is counted there.
      exclude: ['src/dashboard-page/**'],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 95 },
    },
  },
})
