import path from 'node:path';

// Without this Next takes the outermost folder with a lock file as its root, perhaps someone's home.
const root = path.dirname(import.meta.dirname);

export default { turbopack: { root }, outputFileTracingRoot: root };
