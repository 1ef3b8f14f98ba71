/** `jane@example.com` becomes `j•••@example.com`: enough to recognise, too little to write to. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address;
  return at < 1 ? '•••' : `${first}•••${address.slice(at)}`;
}

/** Masks every address in a mail server's words; `known` is the one it is certainly about, however it is written. */
export function maskReply(reply: string, known: string | null): string {
  const named =
    known === null ? reply : reply.replaceAll(new RegExp(literally(known), 'giu'), () => maskAddress(known));
  return named.replaceAll(ADDRESS, (found) => maskAddress(found));
}

/** Whatever stands around an @, generously: words between blanks, brackets and quotes, or a quoted local part. */
const ADDRESS = /(?:"[^"\r\n]*"|[^\s<>"'(),;:•]+)@[^\s<>"'(),;:•]+/gu;

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
