/**
 * Puts text into the clipboard.
 * @param shown element that shows the text: selected where the browser doesn't let a page copy by itself
 * @returns false: it could only be selected
 */
export async function copyText(text: string, shown: Element | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed here, or not there at all without https: the older way may still be open.
    if (shown === null) return false;
    const range = document.createRange();
    range.selectNodeContents(shown);
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    return document.execCommand('copy');
  }
}
