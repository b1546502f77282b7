import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'exercises/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Ends what hangs; nothing that works takes so long, on any machine. Time is judged in bench/.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
