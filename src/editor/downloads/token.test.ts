import { beforeEach, describe, expect, it, vi } from 'vitest';

const told: string[] = [];
vi.mock('../guard', () => ({ tell: (text: string) => told.push(text) }));
vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...values: string[]) => text.replace('{0}', values[0] ?? '') },
}));

const { removeToken, storedToken, storeToken } = await import('./token');
const { hubEnvironment } = await import('./environment');
const { keepTokenIn } = await import('./token-place');

/** What VS Code gives an extension. @param broken as on a computer without a keyring */
function place(broken = false) {
  const kept = new Map<string, string>();
  const flags = new Map<string, unknown>();
  const read = vi.fn((key: string) =>
    broken ? Promise.reject(new Error('no keyring')) : Promise.resolve(kept.get(key)),
  );
  const made = {
    secrets: {
      get: read,
      store: (key: string, value: string) =>
        broken ? Promise.reject(new Error('no keyring')) : Promise.resolve(void kept.set(key, value)),
      delete: (key: string) => Promise.resolve(void kept.delete(key)),
    },
    globalState: {
      get: (key: string) => flags.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void flags.set(key, value)),
    },
  };
  keepTokenIn(made as unknown as Parameters<typeof keepTokenIn>[0]);
  return { read, flags };
}

describe('the token of the secret storage', () => {
  beforeEach(() => {
    told.length = 0;
    vi.unstubAllEnvs();
    vi.stubEnv('HF_TOKEN', undefined);
  });

  it('reaches a process by its environment, together with the leave to download where that was given', async () => {
    place();
    await storeToken('hf_x');
    expect(await hubEnvironment(false)).toEqual({ HF_TOKEN: 'hf_x' });
    expect(await hubEnvironment(true)).toEqual({ HF_TOKEN: 'hf_x', TRANSFER_LAB_DOWNLOAD: '1' });
    expect(await removeToken()).toBe(true);
    expect(await hubEnvironment(false)).toEqual({});
  });

  it('comes after one of the environment, as in Python’s tools', async () => {
    place();
    await storeToken('hf_x');
    vi.stubEnv('HF_TOKEN', 'hf_own');
    expect(await hubEnvironment(false)).toEqual({});
  });

  it('is not asked for while none is stored: a locked keyring would want its password', async () => {
    const { read } = place();
    expect(await storedToken()).toBeUndefined();
    expect(read).not.toHaveBeenCalled();
  });

  it('that cannot be stored is said in words, with what to do instead', async () => {
    place(true);
    await expect(storeToken('hf_x')).rejects.toMatchObject({
      problem: {
        message: expect.stringContaining('no keyring') as string,
        remedy: expect.stringContaining('HF_TOKEN') as string,
      },
    });
  });

  it('that cannot be read is said once, and runs go on without it', async () => {
    const { flags } = place();
    await storeToken('hf_x');
    const known = [...flags];
    const { flags: again } = place(true);
    for (const [key, value] of known) again.set(key, value);
    expect(await hubEnvironment(false)).toEqual({});
    expect(await hubEnvironment(false)).toEqual({});
    expect(told).toEqual([expect.stringContaining('no keyring')]);
  });
});
