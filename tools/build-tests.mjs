// Bundles the tests that run in VS Code, and their harness: out/test/
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

await esbuild.build({
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  entryPoints: { main: 'test/vscode/main.ts', 'host-entry': 'test/vscode/harness/host-entry.ts' },
  outdir: 'out/test',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: 'linked',
  logLevel: 'warning',
  external: ['vscode', 'mocha', 'playwright-core', '@vscode/test-electron'],
});
