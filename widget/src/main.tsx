// The widget's entry point: the parameters in its URL decide what is shown.
import { render } from 'preact';
import * as z from 'zod/mini';
import { App } from './App.tsx';
import { connectToClient } from './host/client.ts';
import { readHostParams } from './host/params.ts';
import { startTheme } from './host/theme.ts';
import { LanguageContext, languageOf } from './i18n/i18n.ts';
import { PlainTab } from './pages.tsx';

// Otherwise zod tests whether it may compile code, which violates the Content-Security-Policy.
z.config({ jitless: true });

const [ancestor] = location.ancestorOrigins ?? [];
const params = readHostParams(location.href, ancestor ?? document.referrer);
const language = languageOf(params.language || navigator.language);
document.documentElement.lang = language.code;
document.title = language.t.title;
const setTheme = startTheme(params.theme);

const { widgetId, clientOrigin } = params;
const isEmbedded = window.parent !== window && widgetId !== null && clientOrigin !== null;
// The page is at <public_url>/widget/, the API at <public_url>/api/v1.
const apiRoot = new URL('../api/v1', location.href.split(/[?#]/)[0]).href;

const root = document.getElementById('app');
if (root !== null) {
  render(
    <LanguageContext.Provider value={language}>
      {isEmbedded ? (
        <App client={connectToClient(widgetId, clientOrigin, setTheme)} apiRoot={apiRoot} />
      ) : (
        <PlainTab />
      )}
    </LanguageContext.Provider>,
    root,
  );
}
