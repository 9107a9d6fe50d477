// A site of a few texts on a port of this machine, with or without cross-origin isolation.
import { createServer } from 'node:http';
import path from 'node:path';

const CONTENT_TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' };

/** What a page needs in order to share memory between threads. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export interface SiteOptions {
  /** Send the headers that make pages cross-origin isolated. */
  readonly isolated: boolean;
}

export interface Site {
  /** `http://127.0.0.1:port`; browsers take it for a secure context. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves `files`, texts by their path such as `/index.html`. */
export async function serve(files: Readonly<Record<string, string>>, { isolated }: SiteOptions): Promise<Site> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://127.0.0.1');
    const file = pathname === '/' ? '/index.html' : pathname;
    const type = CONTENT_TYPES[path.extname(file)];
    const text = Object.hasOwn(files, file) ? files[file] : undefined;
    if (text === undefined || type === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store', ...(isolated ? ISOLATION : {}) }).end(text);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
