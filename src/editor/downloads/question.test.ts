import { describe, expect, it } from 'vitest';
import type { WantedDownload } from '../../protocol/errors';
import { questionAbout } from './question';

const t = (message: string, ...values: string[]): string =>
  message.replaceAll(/\{(\d)\}/g, (_, index: string) => values[Number(index)] ?? '');

const wanted: WantedDownload = {
  repository: 'timm/resnet18.tv_in1k',
  revision: 'main',
  commit: 'c0ffee'.padEnd(40, '0'),
  files: ['model.safetensors', 'config.json'],
  bytes: 46_800_000,
  totalBytes: 46_800_000,
  host: 'huggingface.co',
  destination: '/home/ada/.cache/huggingface/hub/models--timm--resnet18.tv_in1k',
};

describe('the question before a download', () => {
  it('says what, how large, from where and into which folder', () => {
    const { message, detail } = questionAbout(wanted, t);
    expect(message).toBe('Download the weights of timm/resnet18.tv_in1k (47 MB)?');
    expect(detail.split('\n').slice(0, 3)).toEqual([
      'From: huggingface.co, revision main (commit c0ffee0)',
      'Files: model.safetensors, config.json',
      'Into: /home/ada/.cache/huggingface/hub/models--timm--resnet18.tv_in1k',
    ]);
  });

  it('names the revision once, and what is missing where a part is here already', () => {
    const pinned = { ...wanted, repository: `${wanted.repository}@v1`, revision: 'v1', bytes: 34_800_000 };
    const { message, detail } = questionAbout(pinned, t);
    expect(message).toBe('Download the weights of timm/resnet18.tv_in1k (35 MB, the rest of 47 MB)?');
    expect(detail).toContain('revision v1');
  });
});
