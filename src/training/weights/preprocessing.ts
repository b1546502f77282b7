/**
 * How pictures must be prepared for a checkpoint, read from the configuration that lies beside it: timm's `pretrained_cfg`,
 * Hugging Face's `preprocessor_config.json`, or ours. A network that sees other colours or other sizes than it was trained on
 * guesses worse, without any error.
 */
import * as z from 'zod';

type Triple = readonly [number, number, number];

export interface Preprocessing {
  /** Per channel, of values 0..1: what is subtracted, and what the rest is divided by. */
  readonly mean: Triple;
  readonly std: Triple;
  readonly interpolation: 'bilinear' | 'bicubic';
  /** Side of the middle square that is kept, over the shorter side after resizing: 0.875 is 224 of 256. */
  readonly cropFraction: number;
  /** Side of the pictures that the weights were trained on, where it is known. */
  readonly inputSize?: number;
  /** In words: "config.json of timm/resnet18.tv_in1k". */
  readonly source: string;
}

/** ImageNet's mean and deviation, which torchvision's checkpoints and the embedded ones share. */
export const IMAGENET: Preprocessing = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  interpolation: 'bilinear',
  cropFraction: 1,
  source: 'the values of ImageNet, because the weights come with no configuration',
};

/** Contents of the files beside the weights; undefined for those that are not there or not JSON. */
export interface Configurations {
  readonly 'config.json'?: unknown;
  readonly 'preprocessor_config.json'?: unknown;
}

const triple = z.tuple([z.number(), z.number(), z.number()]);
const fraction = z.number().gt(0).lte(1);
const inputSize = z.tuple([z.number(), z.int().positive(), z.int().positive()]);

const timm = z.object({
  mean: triple,
  std: triple,
  interpolation: z.string().optional(),
  crop_pct: fraction.nullish(),
  input_size: inputSize.optional(),
});
const ours = z.object({ mean: triple, std: triple, inputSize: inputSize.optional() });
const side = z.union([
  z.int().positive(),
  z.object({ shortest_edge: z.int().positive() }).transform((size) => size.shortest_edge),
  z.object({ height: z.int().positive() }).transform((size) => size.height),
]);
const huggingFace = z.object({
  image_mean: triple,
  image_std: triple,
  resample: z.int().optional(),
  size: side.optional(),
  crop_size: side.optional(),
  crop_pct: fraction.nullish(),
  do_center_crop: z.boolean().optional(),
});
/** What a run saves beside its best weights, so that they are enough to use the network. */
export const savedPreprocessing = z.object({
  preprocessing: z.object({
    mean: triple,
    std: triple,
    interpolation: z.enum(['bilinear', 'bicubic']),
    cropFraction: fraction,
    inputSize: z.int().positive().optional(),
    source: z.string(),
  }),
});
/** Of PIL's numbers for ways to resize. */
const PIL_BICUBIC = 3;

/** @param title of the weights, for words: 'timm/resnet18.tv_in1k' */
export function choosePreprocessing(files: Configurations, title: string): Preprocessing {
  const config = files['config.json'];
  const bySaved = savedPreprocessing.safeParse(config);
  if (bySaved.success) {
    const { inputSize: size, ...kept } = bySaved.data.preprocessing;
    return { ...kept, ...(size === undefined ? {} : { inputSize: size }) };
  }
  const nested = (config as { pretrained_cfg?: unknown } | undefined)?.pretrained_cfg;
  const byTimm = timm.safeParse(nested ?? config);
  if (byTimm.success && (nested !== undefined || byTimm.data.crop_pct !== undefined)) {
    const { mean, std, interpolation, crop_pct, input_size } = byTimm.data;
    return {
      mean,
      std,
      interpolation: interpolation === 'bicubic' ? 'bicubic' : 'bilinear',
      cropFraction: crop_pct ?? 0.875, // timm's default
      ...(input_size ? { inputSize: input_size[1] } : {}),
      source: `config.json of ${title}`,
    };
  }
  const byProcessor = huggingFace.safeParse(files['preprocessor_config.json']);
  if (byProcessor.success) return fromProcessor(byProcessor.data, title);
  const byUs = ours.safeParse(config);
  if (byUs.success) {
    const { mean, std, inputSize: size } = byUs.data;
    return {
      ...IMAGENET,
      mean,
      std,
      ...(size ? { inputSize: size[1] } : {}),
      source: `config.json of ${title}`,
    };
  }
  return IMAGENET;
}

function fromProcessor(found: z.infer<typeof huggingFace>, title: string): Preprocessing {
  const { image_mean: mean, image_std: std, resample, size, crop_size, crop_pct, do_center_crop } = found;
  const kept = crop_size ?? size;
  const ofSizes = do_center_crop !== false && size && crop_size ? Math.min(1, crop_size / size) : 1;
  return {
    mean,
    std,
    interpolation: resample === PIL_BICUBIC ? 'bicubic' : 'bilinear',
    cropFraction: crop_pct ?? ofSizes,
    ...(kept === undefined ? {} : { inputSize: kept }),
    source: `preprocessor_config.json of ${title}`,
  };
}

/** The shorter side before the middle square is cut out, rounded down as timm does. */
export const resizeTo = ({ cropFraction }: Preprocessing, imageSize: number): number =>
  Math.max(imageSize, Math.floor(imageSize / cropFraction));

/** What happens to every picture, in words for the learner. */
export function describePreprocessing(preprocessing: Preprocessing, imageSize: number): string {
  const { mean, std, interpolation, inputSize: trained, source } = preprocessing;
  const list = (values: Triple): string => values.map((value) => String(Number(value.toFixed(4)))).join(', ');
  const size = resizeTo(preprocessing, imageSize);
  const other =
    trained === undefined || trained === imageSize
      ? ''
      : ` The weights were trained on ${trained} x ${trained}.`;
  return (
    `Each picture is resized so that its shorter side has ${size} pixels (${interpolation}, with antialias); the middle ` +
    `${imageSize} x ${imageSize} is kept. From red, green and blue (0 to 1) the mean ${list(mean)} is subtracted, and the ` +
    `rest divided by ${list(std)}. This follows ${source}.${other}`
  );
}
