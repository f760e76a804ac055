// Serves the built widget, Vite’s output in `widget/dist`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Express, RequestHandler } from 'express';
import { packageFile } from '../lib/packageFiles.ts';

const WIDGET_DIST = packageFile('widget/dist');

const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;
const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
/** Vite puts a hash of the content into these names. */
const ASSET = /^\/assets\/[\w.-]+\.(\w+)$/;

/** If not, a page that says how to build it is served instead. */
export function isWidgetBuilt(folder = WIDGET_DIST): boolean {
  return existsSync(join(folder, 'index.html'));
}

export function serveWidget(app: Express, express: typeof import('express'), folder = WIDGET_DIST): void {
  // Relative: a reverse proxy may have removed a prefix from the path.
  app.get('/widget', (_request, response) => response.redirect(308, 'widget/'));
  app.use(
    '/widget/',
    (_request, response, next) => {
      // Matrix clients on other origins embed it.
      response.set('cross-origin-resource-policy', 'cross-origin');
      if (isWidgetBuilt(folder)) next();
      else response.status(503).type('html').set('cache-control', 'no-store').send(NOT_BUILT);
    },
    compressed(folder),
    express.static(folder, {
      redirect: false,
      setHeaders: (response, path) => {
        response.setHeader('cache-control', isAsset(path) ? IMMUTABLE : 'no-cache');
      },
    }),
  );
}

const IMMUTABLE = 'public, max-age=31536000, immutable';

function isAsset(path: string): boolean {
  return /[\\/]assets[\\/][^\\/]+$/.test(path);
}

/** Serves `x.js.br` for `x.js` if `Accept-Encoding` allows it. */
function compressed(folder: string): RequestHandler {
  return (request, response, next) => {
    const type = TYPES[ASSET.exec(request.path)?.[1] ?? ''];
    if (type === undefined || !['GET', 'HEAD'].includes(request.method)) return next();
    response.vary('accept-encoding');
    const accepted = ENCODINGS.find(
      ([name, suffix]) => request.acceptsEncodings(name) && existsSync(join(folder, request.path + suffix)),
    );
    if (accepted === undefined) return next();
    response.set({ 'content-type': type, 'content-encoding': accepted[0] });
    request.url = request.url.replace(request.path, request.path + accepted[1]);
    next();
  };
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Registration tokens</title>
<h1>The widget is not built</h1>
<p>Run <code>npm run build</code> in the bot’s folder, then load this again.</p>
</html>
`;
