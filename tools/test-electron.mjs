// npm run test:electron: the host tests in the desktop VS Code, which @vscode/test-electron downloads (VSCODE_EXECUTABLE: use this one).
import { ensurePackages, run, sayError } from './setup.mjs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
try {
  await ensurePackages(root);
  await run(process.execPath, ['tools/build.mjs', '--production'], root);
  await run(process.execPath, ['tools/build-tests.mjs'], root);
  await run(process.execPath, ['out/test/main.js', 'host'], root, {
    ...process.env,
    TRANSFER_LAB_ELECTRON: '1',
  });
} catch (error) {
  sayError(error);
  process.exitCode = 1;
}
