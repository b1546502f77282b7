import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { LearnerError } from '../../../protocol/errors';
import { tokenOf } from './token';

/** A model repository of the Hugging Face Hub. */
export interface Repository {
  /** 'timm/resnet18.tv_in1k' */
  readonly id: string;
  /** Branch, tag or commit; 'main' where none is given. */
  readonly revision: string;
}

/** Where the Hub is and where its files are kept, as Python's huggingface_hub reads it from the environment. */
export interface HubSettings {
  readonly endpoint: URL;
  readonly cache: string;
  /** HF_HUB_OFFLINE: no connection is ever opened. */
  readonly offline: boolean;
  /** Sent to the endpoint's own host only. */
  readonly token?: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Owner, name and perhaps a revision: 'timm/resnet18.tv_in1k@main'. Undefined for what is a path: it begins with a dot or
 * slash, has another number of slashes, or ends like a file of weights.
 */
export function parseRepository(weights: string): Repository | undefined {
  const match = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@([A-Za-z0-9][\w./-]*))?$/.exec(weights);
  const [, id, revision = 'main'] = match ?? [];
  if (id === undefined || /\.(safetensors|pth|pt|bin|ckpt)$/i.test(id)) return undefined;
  if (/\.\.|--/.test(id) || revision.includes('..')) return undefined;
  return { id, revision };
}

/** @throws {LearnerError} 'hub-endpoint' if HF_ENDPOINT is no https address (http is for this computer only) */
export function hubSettings(env: NodeJS.ProcessEnv = process.env): HubSettings {
  const endpoint = parseEndpoint(env['HF_ENDPOINT'] || 'https://huggingface.co');
  const home = env['HF_HOME'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'huggingface');
  const cache = env['HF_HUB_CACHE'] || env['HUGGINGFACE_HUB_CACHE'] || join(home, 'hub');
  const token = tokenOf(env);
  return {
    endpoint,
    cache: resolve(cache.replace(/^~(?=$|[\\/])/, homedir())),
    offline: /^(1|on|yes|true)$/i.test(env['HF_HUB_OFFLINE'] ?? ''),
    ...(token === undefined ? {} : { token }),
    env,
  };
}

function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'https:' || isLoopback(url)) && url.username === '') return url;
  throw new LearnerError({
    code: 'hub-endpoint',
    message: `HF_ENDPOINT is "${text}"; expected an https address without a name or password in it.`,
    remedy: 'Correct the environment variable HF_ENDPOINT, or remove it.',
  });
}

/** http is allowed to this computer itself: nothing passes a network. */
export function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(127(\.\d+){3}|localhost|\[::1\])$/.test(hostname);
}
