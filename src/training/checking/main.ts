/** Entry of a checking process, forked by src/course: answers over its IPC channel until that closes. */
import { createBirpc } from 'birpc';
import type { CheckingListener } from '../../protocol/checking';
import { capOutput } from '../runs/output-cap';
import { Workshop } from './workshop';

capOutput();
const workshop = new Workshop({ progress: (text) => void parent.progress.asEvent(text) });
const parent = createBirpc<CheckingListener, Workshop>(workshop, {
  post: (data: unknown) => process.send?.(data),
  on: (receive) => process.on('message', receive),
  timeout: -1,
});
process.on('disconnect', () => process.exit(0));
