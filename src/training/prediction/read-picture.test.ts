import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { LearnerError } from '../../protocol/errors';
import { MOST_PICTURE_BYTES } from '../../protocol/try-picture';
import { temporaryFolder } from '../runs/testing/temporary-folder';
import { IMAGENET } from '../weights/preprocessing';
import { readPicture, toBytes, toPng, type ReadPicture } from './read-picture';

const SIDE = 8;

async function read(name: string, bytes: Uint8Array): Promise<ReadPicture & { readonly rgb: Uint8Array }> {
  const file = join(temporaryFolder(), name);
  await writeFile(file, bytes);
  const picture = await readPicture(file, name, SIDE, IMAGENET);
  return { ...picture, rgb: toBytes(picture.pixels, IMAGENET) };
}

/** Message and remedy of a picture that is refused. */
async function refusal(name: string, bytes: Uint8Array): Promise<string> {
  try {
    await read(name, bytes);
  } catch (error) {
    if (error instanceof LearnerError) return `${error.problem.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

type Colour = readonly [number, number, number];
const RED: Colour = [255, 0, 0];
const pixels = (count: number, ...colours: Colour[]): Uint8Array =>
  Uint8Array.from(
    { length: count * 3 },
    (_, i) => colours[Math.floor((i * colours.length) / (count * 3))]?.[i % 3] ?? 0,
  );
const raw = (width: number, height: number, ...colours: Colour[]) =>
  sharp(pixels(width * height, ...colours), { raw: { width, height, channels: 3 } });
/** The colour of a place, each channel within `tolerance`. */
function expectColour(rgb: Uint8Array, row: number, column: number, colour: Colour, tolerance = 0): void {
  const at = (row * SIDE + column) * 3;
  colour.forEach((value, c) => expect(Math.abs((rgb[at + c] ?? 0) - value)).toBeLessThanOrEqual(tolerance));
}

describe('a picture of the learner’s own', () => {
  it('is told in words how it was prepared, with the share that was cut off', async () => {
    const { prepared } = await read('wide.png', await raw(32, 16, RED).png().toBuffer());
    expect(prepared).toEqual([
      // The middle 16 x 16 of 32 x 16 is half of it.
      'From 32 x 16 pixels it was resized so that the shorter side has 8 (bilinear, with antialias); the middle 8 x 8 was kept. What was cut off, 50 % of the picture, the network did not see.',
      'Its colours were scaled as those of the run’s own pictures.',
    ]);
  });

  it('comes back as the PNG that the network saw', async () => {
    const { pixels: seen } = await read('red.png', await raw(8, 8, RED, [0, 0, 255]).png().toBuffer());
    const { data, info } = await sharp(await toPng(seen, SIDE, IMAGENET))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([SIDE, SIDE, 3]);
    expect([...data.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect([...data.subarray(-3)]).toEqual([0, 0, 255]);
  });

  it('is turned upright where EXIF asks for it, and says so', async () => {
    // Red above blue, stored to be turned by 90 degrees clockwise (orientation 6): red is then at the right.
    const bytes = await raw(8, 8, RED, [0, 0, 255]).withMetadata({ orientation: 6 }).png().toBuffer();
    const { rgb, prepared } = await read('turned.png', bytes);
    expectColour(rgb, 0, 7, RED);
    expectColour(rgb, 0, 0, [0, 0, 255]);
    expect(prepared[0]).toBe('It was turned upright, as its EXIF data asks.');
  });

  it.each(['gif', 'webp'] as const)(
    'that is an animated %s is its first frame, and says so',
    async (format) => {
      const frames = await sharp(
        [await raw(8, 8, RED).png().toBuffer(), await raw(8, 8, [0, 0, 255]).png().toBuffer()],
        { join: { animated: true } },
      )
        .toFormat(format, format === 'webp' ? { lossless: true } : {})
        .toBuffer();
      expect((await sharp(frames, { animated: true }).metadata()).pages).toBe(2);
      const { rgb, prepared } = await read(`moving.${format}`, frames);
      expectColour(rgb, 4, 4, RED, 2);
      expect(prepared[0]).toBe('It is animated: only its first frame was used.');
    },
  );

  it('that is a CMYK JPEG is converted, and says so', async () => {
    const bytes = await raw(8, 8, [0, 128, 0]).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const { rgb, prepared } = await read('print.jpg', bytes);
    expectColour(rgb, 4, 4, [0, 128, 0], 40); // Profiles of print round colours; green stays green.
    expect(prepared[0]).toBe('Its CMYK colours were converted to RGB.');
  });

  it('with 16 bits per colour or transparency is read as the run’s pictures are, and says so', async () => {
    const sixteen = await raw(8, 8, [255, 128, 0]).toColourspace('rgb16').png().toBuffer();
    const deep = await read('deep.png', sixteen);
    expectColour(deep.rgb, 4, 4, [255, 128, 0], 1);
    expect(deep.prepared[0]).toBe('Its 16 bits for each colour were reduced to 8.');
    const half = await sharp(
      Uint8Array.from({ length: 256 }, (_, i) => [10, 200, 30, 0][i % 4] ?? 0),
      {
        raw: { width: 8, height: 8, channels: 4 },
      },
    )
      .png()
      .toBuffer();
    const clear = await read('clear.png', half);
    expectColour(clear.rgb, 4, 4, [10, 200, 30]);
    expect(clear.prepared[0]).toBe('Its transparency was left out, so the colours beneath it count.');
  });

  it('in grey is the same value three times, and says so', async () => {
    const bytes = await raw(8, 8, [90, 90, 90]).toColourspace('b-w').png().toBuffer();
    const { rgb, prepared } = await read('grey.png', bytes);
    expectColour(rgb, 4, 4, [90, 90, 90]);
    expect(prepared[0]).toBe('It is grey: the same value served as red, green and blue.');
  });
});

/** A whole PNG of one bit per pixel: what a small file can unfold into. */
function blackPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 1 });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a file that is no usable picture', () => {
  it('is refused with what was found', async () => {
    expect(await refusal('empty.png', new Uint8Array())).toBe(
      'picture-unusable: empty.png cannot be used: empty file.',
    );
    expect(await refusal('notes.png', Buffer.from('These are notes.'))).toBe(
      'picture-unusable: notes.png cannot be used: its content is no picture (png, jpeg, webp, gif, tiff or avif).',
    );
    expect(await refusal('old.bmp', Buffer.from('BM and more'))).toContain('BMP is not read; save it as PNG');
    expect(await refusal('page.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toContain(
      'no picture',
    );
  });

  it('is refused with a way out where it is the HEIC picture of a phone', async () => {
    const header = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    expect(await refusal('IMG_1.HEIC', Buffer.concat([header, Buffer.alloc(2000)]))).toBe(
      'picture-unusable: IMG_1.HEIC is a HEIC picture, as phones take them; those are not read here.',
    );
  });

  it('is refused where it was cut off', async () => {
    const noise = Uint8Array.from({ length: 200 * 200 * 3 }, (_, i) => (i * i * 7) % 251);
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const bytes = await sharp(noise, { raw: { width: 200, height: 200, channels: 3 } })
        .toFormat(format)
        .toBuffer();
      expect(await refusal(`cut.${format}`, bytes.subarray(0, bytes.length / 2))).toMatch(
        new RegExp(`^picture-(broken|unusable): cut.${format} (is broken or cut off|cannot be used): `),
      );
    }
  });

  it('is refused where it unfolds into more pixels than the limit, which is said', async () => {
    const bytes = blackPng(20_000, 20_000);
    expect(bytes.length).toBeLessThan(1e6);
    expect(await refusal('huge.png', bytes)).toBe(
      'picture-too-many-pixels: huge.png has more than 50 million pixels, which is the limit.',
    );
    expect(await refusal('fits.png', blackPng(64, 64))).toBe('accepted');
  });

  it('is refused where the file is larger than the limit, before it is read', async () => {
    expect(await refusal('large.png', new Uint8Array(MOST_PICTURE_BYTES + 1))).toBe(
      'picture-too-large: large.png has 51 MB; a picture may have at most 50 MB.',
    );
  });

  it('is refused where there is none', async () => {
    await expect(readPicture('/no/such.png', 'such.png', SIDE, IMAGENET)).rejects.toThrow(
      'such.png cannot be opened: there is no such file',
    );
    await expect(readPicture(temporaryFolder(), 'folder', SIDE, IMAGENET)).rejects.toThrow(
      'not a regular file',
    );
  });
});
