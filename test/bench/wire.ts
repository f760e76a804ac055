// How many bytes the widget is, as the bot sends it. Headers do not count: a reverse proxy changes them.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { API_ROOT } from '../../common/api.ts';

export interface WireResult {
  name: string;
  plain: number;
  /** As much as `plain` where the bot does not compress. */
  gzip: number;
  brotli: number;
}

/** @param address of the bot's web server */
export async function measureWire(address: string, session: string): Promise<WireResult[]> {
  const page = `${address}/widget/`;
  const html = String(await bytesOf(page, 'identity'));
  const assets = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(js|css))"/g)].map(
    ([, path = '', kind = '']) => ({ url: page + path, kind }),
  );
  const ofKind = (kind: string) => assets.filter((asset) => asset.kind === kind).map(({ url }) => url);
  const list = `${address}${API_ROOT}/tokens?sort=changed&limit=50`;
  const results = [
    await sizes('the page', [page]),
    await sizes('JavaScript', ofKind('js')),
    await sizes('CSS', ofKind('css')),
    await sizes('first answer of the list, 50 tokens', [list], { authorization: `Bearer ${session}` }),
  ];
  if (results.some(({ plain }) => plain === 0)) throw new Error(`The widget is not complete:\n${html}`);
  return results;
}

async function sizes(name: string, urls: readonly string[], headers = {}): Promise<WireResult> {
  const total = async (encoding: string) => {
    let bytes = 0;
    for (const url of urls) bytes += (await bytesOf(url, encoding, headers)).length;
    return bytes;
  };
  return { name, plain: await total('identity'), gzip: await total('gzip'), brotli: await total('br') };
}

/** As they come over the wire: `fetch` would unpack them. */
async function bytesOf(url: string, encoding: string, headers = {}): Promise<Buffer> {
  const request = get(url, { headers: { ...headers, 'accept-encoding': encoding } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks = await response.toArray();
  if (response.statusCode !== 200) throw new Error(`GET ${url}: ${response.statusCode}`);
  return Buffer.concat(chunks);
}
