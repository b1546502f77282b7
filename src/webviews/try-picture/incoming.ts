import { MOST_PICTURE_BYTES } from '../../protocol/try-picture';

/** What was dropped or pasted: a picture's bytes, a file of the editor's lists, or nothing that can be tried. */
export type Incoming =
  | { readonly kind: 'bytes'; readonly name: string; readonly file: Blob }
  | { readonly kind: 'file'; readonly address: string }
  | { readonly kind: 'refused'; readonly message: string; readonly remedy: string };

/** What of a DataTransfer is looked at. */
export interface Transfer {
  readonly files: ArrayLike<File>;
  getData(type: string): string;
}

/** Of several, the first is taken. Undefined: text or the like, which is none of this view's business. */
export function incoming(transfer: Transfer): Incoming | undefined {
  const file = transfer.files[0];
  if (file) {
    if (file.size > MOST_PICTURE_BYTES) return tooLarge(file);
    return { kind: 'bytes', name: file.name || 'The picture', file };
  }
  const list = transfer.getData('application/vnd.code.uri-list') || transfer.getData('text/uri-list');
  const address = list.split(/\r?\n/).find((line) => line !== '' && !line.startsWith('#'));
  if (address === undefined) return undefined;
  if (/^(file|vscode-remote):/.test(address)) return { kind: 'file', address };
  return {
    kind: 'refused',
    message: 'That is an address on the web, and Transfer Lab fetches nothing by itself.',
    remedy: 'Save the picture on this computer first, or copy the picture itself and paste it here.',
  };
}

function tooLarge({ name, size }: File): Incoming {
  const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  return {
    kind: 'refused',
    message: `${name} has ${megabytes(size)} MB; a picture may have at most ${megabytes(MOST_PICTURE_BYTES)} MB.`,
    remedy: 'Save it smaller, for example as JPEG.',
  };
}
