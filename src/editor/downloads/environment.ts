import { DOWNLOAD_ALLOWED } from '../../training/weights/hub/allowed';
import { storedToken } from './token';

/**
 * What a process is given that may need the Hub, and no other: the stored token, unless the environment has its own, which
 * comes first as in Python's tools; and the leave to download, where the learner has just given it.
 */
export async function hubEnvironment(download: boolean): Promise<Record<string, string>> {
  const token = process.env['HF_TOKEN'] ? undefined : await storedToken();
  return {
    ...(token === undefined ? {} : { HF_TOKEN: token }),
    ...(download ? { [DOWNLOAD_ALLOWED]: '1' } : {}),
  };
}
