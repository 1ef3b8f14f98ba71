/** `jane@example.com` becomes `j•••@example.com`: enough to recognise, too little to write to. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address;
  return at < 1 ? '•••' : `${first}•••${address.slice(at)}`;
}

/** Masks every address in a mail server's words; `known` is the one it is certainly about, however it is written. */
export function maskReply(reply: string, known: string | null): string {
  const named = known === null ? reply : reply.replaceAll(new RegExp(escaped(known), 'giu'), maskAddress(known));
  return named.replaceAll(/[^\s<>"'(),;:•]+@[^\s<>"'(),;:•]+/gu, (found) => maskAddress(found));
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
