/** What a program needs of our environment to run at all: where things are, the language, how to reach the world. */
const NEEDED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TMP',
  'TEMP',
  'TZ',
  'LANG',
  'LANGUAGE',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
];
const FAMILIES = /^(LC|XDG)_[A-Z_]+$/;

/**
 * The environment for a program of somebody else's: none of our settings, so none of our secrets.
 * @param more a family of names that this program reads, such as pip's own.
 */
export function childEnvironment(env: NodeJS.ProcessEnv, more: RegExp = /^$/): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => NEEDED.includes(name.toUpperCase()) || FAMILIES.test(name) || more.test(name),
    ),
  );
}
