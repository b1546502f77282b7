import type { WindowName } from './windows';

/** The tests of each window. They are part of one bundle: a file's `suite(…)` calls happen when it is imported. */
export const SUITES: Readonly<Record<WindowName, () => Promise<unknown>>> = {
  empty: () => import('./empty-window'),
  restricted: () => import('./restricted-window'),
  learner: () => import('./learner-window'),
};
