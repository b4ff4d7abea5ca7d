/** A picture that goes with a message: small, and drawn anew, so that nothing else of the file goes along, not where it was taken. */

/** What the device takes, in bytes: an envelope has no room for more. */
export const PICTURE_BYTES_MAX = 5_120;
/** Longer edges that are tried, in pixels, each with these qualities, until it is small enough. */
const EDGES_PX = [480, 360, 280, 220, 160, 96];
const QUALITIES = [0.6, 0.45, 0.3];

/** Makes a small JPEG of a file, in base64; nothing when it cannot be read. */
export async function smallPicture(file: Blob): Promise<string | undefined> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    try {
      return await smallEnough(bitmap);
    } finally {
      bitmap.close();
    }
  } catch {
    // No picture, or one that this browser cannot read.
    return undefined;
  }
}

async function smallEnough(bitmap: ImageBitmap): Promise<string | undefined> {
  for (const edge of EDGES_PX) {
    const canvas = drawn(bitmap, edge);
    for (const quality of QUALITIES) {
      const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality));
      if (blob?.type === 'image/jpeg' && blob.size <= PICTURE_BYTES_MAX) return base64Of(new Uint8Array(await blob.arrayBuffer()));
    }
  }
  return undefined;
}

function drawn(bitmap: ImageBitmap, edge: number): HTMLCanvasElement {
  const scale = Math.min(1, edge / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  // What is see-through would turn black.
  if (context) Object.assign(context, { fillStyle: '#fff', imageSmoothingQuality: 'high' });
  context?.fillRect(0, 0, canvas.width, canvas.height);
  context?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
