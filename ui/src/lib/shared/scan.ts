/** Reads QR codes from pictures and from the camera. The reader itself is loaded when it is first needed; no picture leaves this device. */

/** A picture's longer edge as the reader gets it, in pixels: more only takes longer. */
const EDGE_PX = 1200;
/** How long to rest between two looks through the camera, in milliseconds. */
const REST_MS = 150;

type Source = ImageBitmap | HTMLVideoElement;

async function read(source: Source, width: number, height: number): Promise<string | undefined> {
  const { decodeQR } = await import('qr/decode.js');
  const scale = Math.min(1, EDGE_PX / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  try {
    return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    return undefined;
  }
}

/** What the QR code in a picture says; nothing when there is none, or when it is no picture. */
export async function readPicture(file: Blob): Promise<string | undefined> {
  try {
    const bitmap = await createImageBitmap(file);
    return await read(bitmap, bitmap.width, bitmap.height);
  } catch {
    return undefined;
  }
}

/** Why the camera shows nothing. */
export type Blind = 'refused' | 'none';

/** Looks through the camera until a code is read, or the returned function is called. */
export function look(video: HTMLVideoElement, found: (text: string) => void, blind: (why: Blind) => void): () => void {
  let over = false;
  let stream: MediaStream | undefined;

  async function go() {
    try {
      // Without a safe origin there is no camera at all.
      if (!navigator.mediaDevices) return blind('none');
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch (error) {
      if (!over) blind(error instanceof DOMException && error.name === 'NotAllowedError' ? 'refused' : 'none');
      return;
    }
    if (over) return stop();
    video.srcObject = stream;
    await video.play().catch(() => undefined);
    while (!over) {
      const text = video.videoWidth > 0 ? await read(video, video.videoWidth, video.videoHeight) : undefined;
      if (text && !over) {
        stop();
        found(text);
        return;
      }
      await new Promise((rested) => setTimeout(rested, REST_MS));
    }
  }

  function stop() {
    over = true;
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = null;
  }

  void go();
  return stop;
}
