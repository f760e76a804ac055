// HTML from messages, reduced to what may be shown: elements and attributes on a short list, everything else as text.
const ELEMENTS = new Set(
  'p br hr b strong i em u s del code pre blockquote ul ol li a span h1 h2 h3 h4 h5 h6 table thead tbody tr th td'
    .split(' ')
    .map((name) => name.toUpperCase()),
);
/** Left out with all that is in them. */
const DROPPED = new Set([
  'MX-REPLY',
  'SCRIPT',
  'STYLE',
  'TITLE',
  'TEMPLATE',
  'IFRAME',
  'OBJECT',
  'SVG',
  'MATH',
]);
const LINK = /^(?:https?:|mailto:|matrix:)/i;

/** New nodes made from `html`; nothing of the parsed document itself is taken over. */
export function safeHtml(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const fragment = document.createDocumentFragment();
  copyChildren(parsed.body, fragment);
  return fragment;
}

function copyChildren(from: Node, to: Node): void {
  for (const node of from.childNodes) {
    if (node instanceof Text) to.appendChild(document.createTextNode(node.data));
    if (!(node instanceof Element) || DROPPED.has(node.nodeName.toUpperCase())) continue;
    if (!ELEMENTS.has(node.nodeName)) {
      copyChildren(node, to);
      continue;
    }
    const copy = document.createElement(node.nodeName);
    const address = node.getAttribute('href') ?? '';
    if (copy instanceof HTMLAnchorElement && LINK.test(address)) {
      Object.assign(copy, { href: address, target: '_blank', rel: 'noopener noreferrer' });
    }
    copyChildren(node, copy);
    to.appendChild(copy);
  }
}
