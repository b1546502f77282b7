/**
 * Requests to the Hub: redirects by hand, because a token must never follow one to another host; waiting where the server
 * asks for it; and a limit on everything that could go on for ever.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { connectionProblem, hubError, statusProblem } from './problems';
import { isLoopback, type HubSettings } from './settings';

export interface Limits {
  /** Milliseconds without an answer, or in which fewer than `stallBytes` arrive. */
  readonly stallMs: number;
  readonly stallBytes: number;
  /** Attempts after lost connections and busy servers. */
  readonly retries: number;
  /** First pause between attempts; each next one is twice as long. */
  readonly pauseMs: number;
  /** The longest that a server may ask to wait, in seconds. */
  readonly longestWait: number;
}

export const LIMITS: Limits = {
  stallMs: 30_000,
  stallBytes: 16_384,
  retries: 5,
  pauseMs: 1000,
  longestWait: 300,
};

export interface HubResponse {
  readonly status: number;
  readonly url: URL;
  header(name: string): string | undefined;
  readonly body: Dispatcher.ResponseData['body'];
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** The server asked to wait so many seconds. */
  readonly onWait?: (seconds: number, reason: string) => void;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 10;
const MAX_JSON_BYTES = 8 * 1024 * 1024;

/** A lost connection: worth another attempt. */
export class ConnectionLost extends Error {}

export class HubClient {
  private agent: EnvHttpProxyAgent | undefined;

  constructor(
    readonly settings: HubSettings,
    readonly limits: Limits = LIMITS,
  ) {}

  /** @throws {LearnerError} for a refusal that another attempt would not change */
  async json(path: string, options: RequestOptions = {}): Promise<unknown> {
    return this.withRetries(options, async () => {
      const response = await this.open(this.url(path), options);
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of this.chunks(response, options.signal)) {
        size += chunk.length;
        if (size > MAX_JSON_BYTES) {
          response.body.destroy();
          throw hubError(
            'hub-answer',
            `${this.settings.endpoint.host} answered with more than 8 MB of text.`,
          );
        }
        chunks.push(chunk);
      }
      const text = Buffer.concat(chunks).toString('utf8');
      if (response.status !== 200)
        throw statusProblem(response.status, path, this.settings, response.header('x-error-message'));
      try {
        return JSON.parse(text) as unknown;
      } catch {
        const what = /<html|<!doctype/i.test(text) ? 'a web page' : 'something that is not JSON';
        throw hubError(
          'hub-answer',
          `${response.url.host} answered with ${what} where a description of the repository was expected.`,
          'If this network asks for a login in the browser, log in there first; then try again.',
        );
      }
    });
  }

  url(path: string): URL {
    return new URL(this.settings.endpoint.href.replace(/\/$/, '') + path);
  }

  /** One request, through its redirects. The caller reads or destroys the body. */
  async open(start: URL, { headers = {}, signal }: RequestOptions = {}): Promise<HubResponse> {
    const { endpoint, token } = this.settings;
    let url = start;
    let atHome = true;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      atHome &&= url.origin === endpoint.origin;
      const response = await this.send(
        url,
        {
          'user-agent': 'transfer-lab',
          'accept-encoding': 'identity',
          ...headers,
          ...(atHome && token !== undefined ? { authorization: `Bearer ${token}` } : {}),
        },
        signal,
      );
      if (!REDIRECTS.has(response.status)) return response;
      await response.body.dump({ limit: 65_536, ...(signal ? { signal } : {}) }).catch(() => undefined);
      url = redirectTarget(url, response.header('location'));
    }
    throw hubError('hub-redirects', `${start.host} sends from one address to the next without end.`);
  }

  /** The body's bytes, as long as enough of them arrive. @throws {ConnectionLost} */
  async *chunks({ body }: HubResponse, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { stallMs, stallBytes } = this.limits;
    let arrived = stallBytes;
    const watch = setInterval(() => {
      if (arrived < stallBytes) body.destroy(new ConnectionLost('too few bytes arrive'));
      arrived = 0;
    }, stallMs);
    const abort = (): void => void body.destroy(new ConnectionLost('cancelled'));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      for await (const chunk of body) {
        arrived += (chunk as Uint8Array).length;
        yield chunk as Uint8Array;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw lost(error);
    } finally {
      clearInterval(watch);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Repeats `attempt` after lost connections and busy servers, with growing pauses or as long as the server asks. */
  async withRetries<T>({ signal, onWait }: RequestOptions, attempt: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures++) {
      signal?.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        signal?.throwIfAborted();
        const busy = error instanceof Busy ? error : undefined;
        if (!busy && !(error instanceof ConnectionLost)) throw error;
        if (failures >= this.limits.retries) throw connectionProblem(error, this.settings);
        const pause = busy?.seconds ?? (this.limits.pauseMs / 1000) * 2 ** failures;
        if (pause > this.limits.longestWait) throw connectionProblem(error, this.settings);
        onWait?.(pause, (error as Error).message);
        await wait(pause * 1000, undefined, signal ? { signal } : {});
      }
    }
  }

  async close(): Promise<void> {
    await this.agent?.destroy();
    this.agent = undefined;
  }

  private async send(
    url: URL,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
  ): Promise<HubResponse> {
    const { stallMs } = this.limits;
    const { env } = this.settings;
    // HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as other tools read them.
    this.agent ??= new EnvHttpProxyAgent({
      httpProxy: env['http_proxy'] ?? env['HTTP_PROXY'] ?? '',
      httpsProxy: env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '',
      noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
      connect: { timeout: stallMs },
    });
    let data: Dispatcher.ResponseData;
    try {
      data = await request(url, {
        dispatcher: this.agent,
        headers,
        headersTimeout: stallMs,
        bodyTimeout: stallMs,
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw lost(error);
    }
    const header = (name: string): string | undefined => {
      const value = data.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const response = { status: data.statusCode, url, header, body: data.body };
    if (response.status !== 429 && response.status < 500) return response;
    await data.body.dump({ limit: 65_536 }).catch(() => undefined);
    throw new Busy(response.status, url.host, retryAfter(header('retry-after')));
  }
}

/** The server is busy and may have said for how long. */
export class Busy extends Error {
  constructor(
    readonly status: number,
    host: string,
    readonly seconds: number | undefined,
  ) {
    super(`${host} is busy (status ${status})`);
  }
}

/** Seconds, or a date. */
function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

function redirectTarget(from: URL, location: string | undefined): URL {
  if (location !== undefined && URL.canParse(location, from.href)) {
    const next = new URL(location, from);
    // https stays https; plain http never leaves this computer.
    if (next.protocol === 'https:' || (isLoopback(next) && isLoopback(from))) return next;
  }
  throw hubError(
    'hub-redirect',
    `${from.host} sends on to ${location ?? 'nowhere'}, which is no protected (https) address.`,
    'Try another network: something between here and the Hub may be changing the answers.',
  );
}

/** Certificates are no matter of another attempt; all else is. */
function lost(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ALTNAME/.test(code)) {
    return hubError(
      'hub-certificate',
      `The connection is not trusted: ${error instanceof Error ? error.message : code}.`,
      'If your school or company inspects traffic, set NODE_EXTRA_CA_CERTS to its certificate file (ask its support), then try again.',
    );
  }
  if (error instanceof ConnectionLost) return error;
  return new ConnectionLost(error instanceof Error ? error.message || code : String(error), { cause: error });
}
