/** Uncompressed 24-bit BMP, read and shrunk: enough of an image format to make a real thumbnail of. */

const headerSize = 54;

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel, rows padded to four bytes, bottom row first, as in the file. */
  readonly pixels: Buffer;
}

export function readBitmap(file: Buffer): Bitmap {
  if (file.toString('latin1', 0, 2) !== 'BM' || file.readUInt16LE(28) !== 24) throw new Error('not a 24-bit BMP');
  return { width: file.readInt32LE(18), height: file.readInt32LE(22), pixels: file.subarray(file.readUInt32LE(10)) };
}

export function writeBitmap({ width, height, pixels }: Bitmap): Buffer {
  const header = Buffer.alloc(headerSize);
  header.write('BM', 'latin1');
  header.writeUInt32LE(headerSize + pixels.length, 2);
  header.writeUInt32LE(headerSize, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  header.writeUInt32LE(pixels.length, 34);
  return Buffer.concat([header, pixels]);
}

/** Each pixel of the result is the mean of the block it stands for. */
export function shrink(bitmap: Bitmap, factor: number): Bitmap {
  const width = Math.max(1, Math.floor(bitmap.width / factor));
  const height = Math.max(1, Math.floor(bitmap.height / factor));
  const from = strideOf(bitmap.width);
  const to = strideOf(width);
  const pixels = Buffer.alloc(to * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let dy = 0; dy < factor; dy++) {
          for (let dx = 0; dx < factor; dx++)
            sum += bitmap.pixels[(y * factor + dy) * from + (x * factor + dx) * 3 + channel] ?? 0;
        }
        pixels[y * to + x * 3 + channel] = Math.round(sum / factor ** 2);
      }
    }
  }
  return { width, height, pixels };
}

export const strideOf = (width: number): number => Math.ceil((width * 3) / 4) * 4;
