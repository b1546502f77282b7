/**
 * BERT deletes control characters, halves of surrogate pairs and U+FFFD, and so glues the words around them: "is\u0085was" becomes
 * one word. Mostly they are dashes of Windows-1252 that went through a wrong decoder. A space in their place keeps the words.
 * Tabs and line ends stay, and so do invisible signs with a meaning (soft hyphen, zero-width joiner).
 */
export function tidyText(text: string): string {
  return text.replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\uFFFD]/gu, ' ');
}

/** Tags and entities of HTML, as reviews from web pages have them. They stay: the network reads them as words. */
export const hasHtml = (text: string): boolean => /<\/?[a-z][^<>]*>|&(?:[a-z]+|#\d+);/i.test(text);

/**
 * What two texts have in common that are the same but for case, spaces and punctuation: those would be a test question that was
 * in the training set. A text without letters and digits stays itself.
 */
export function sameText(text: string): string {
  const letters = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '');
  return letters === '' ? text.trim() : letters;
}
