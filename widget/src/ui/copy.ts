/**
 * Copies text to the clipboard.
 * @param shown element with the text, selected if the browser blocks copying
 * @returns false: only selected
 */
export async function copyText(text: string, shown: Element | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Blocked, or missing without https: try the older API.
    if (shown === null) return false;
    const range = document.createRange();
    range.selectNodeContents(shown);
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    return document.execCommand('copy');
  }
}
