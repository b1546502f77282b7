import { describe, expect, it } from 'vitest';
import { choosePreprocessing, describePreprocessing, IMAGENET, resizeTo } from './preprocessing';

const half = [0.5, 0.5, 0.5] as const;

describe('preprocessing', () => {
  it("follows timm's pretrained_cfg", () => {
    // config.json of timm/resnet50.a1_in1k, shortened
    const config = {
      architecture: 'resnet50',
      pretrained_cfg: {
        input_size: [3, 224, 224],
        interpolation: 'bicubic',
        crop_pct: 0.95,
        mean: IMAGENET.mean,
        std: half,
      },
    };
    const found = choosePreprocessing({ 'config.json': config }, 'timm/resnet50.a1_in1k');
    expect(found).toEqual({
      mean: IMAGENET.mean,
      std: half,
      interpolation: 'bicubic',
      cropFraction: 0.95,
      inputSize: 224,
      source: 'config.json of timm/resnet50.a1_in1k',
    });
    expect(resizeTo(found, 224)).toBe(235);
  });

  it("follows Hugging Face's preprocessor_config.json", () => {
    const file = {
      image_mean: half,
      image_std: half,
      resample: 3,
      size: { shortest_edge: 256 },
      crop_size: { height: 224, width: 224 },
      do_center_crop: true,
    };
    const files = { 'config.json': { model_type: 'resnet' }, 'preprocessor_config.json': file };
    const found = choosePreprocessing(files, 'x');
    expect(found).toMatchObject({ interpolation: 'bicubic', cropFraction: 0.875, inputSize: 224 });
    expect(resizeTo(found, 224)).toBe(256);
    expect(found.source).toBe('preprocessor_config.json of x');
  });

  it('follows our own config.json, and ImageNet where there is none that can be read', () => {
    const own = choosePreprocessing(
      { 'config.json': { mean: half, std: half, inputSize: [3, 64, 64] } },
      'x',
    );
    expect(own).toMatchObject({ mean: half, cropFraction: 1, inputSize: 64 });
    for (const config of [undefined, null, 'text', { mean: [1] }, { pretrained_cfg: null }])
      expect(choosePreprocessing({ 'config.json': config }, 'x')).toEqual(IMAGENET);
  });

  it('is told in words, with where it comes from', () => {
    const words = describePreprocessing(
      { ...IMAGENET, cropFraction: 0.875, inputSize: 224, source: 'a file' },
      64,
    );
    expect(words).toContain('shorter side has 73 pixels (bilinear, with antialias)');
    expect(words).toContain('the middle 64 x 64 is kept');
    expect(words).toContain('This follows a file. The weights were trained on 224 x 224.');
  });
});
