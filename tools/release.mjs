// `npm run release -- 0.2.0`: puts a version where versions stand, and says what is left to do. Commits nothing.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const version = process.argv[2] ?? '';
const read = (path) => readFileSync(path, 'utf8');
const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();

function refuse(...sentences) {
  console.error(sentences.join('\n'));
  process.exit(2);
}

const numbers = (text) => text.split('.').map(Number);
/** Whether `one` comes after `other`. */
function isLater(one, other) {
  const [theirs, ours] = [numbers(other), numbers(one)];
  const place = ours.findIndex((number, index) => number !== theirs[index]);
  return place >= 0 && ours[place] > theirs[place];
}

if (!/^\d+\.\d+\.\d+$/.test(version)) refuse('Say which version: npm run release -- 0.2.0');
const former = JSON.parse(read('package.json')).version;
const changelog = read('CHANGELOG.md');
const released = [...changelog.matchAll(/^## \[(\d+\.\d+\.\d+)\]/gm)].map(([, one]) => one);
const unreleased = /^## \[Unreleased\]\n([^]*?)(?=^## \[|$(?![^]))/m.exec(changelog);

const faults = [];
if (git('status', '--porcelain') !== '') faults.push('The tree is not clean: commit, or put aside, what is in it.');
if (released.includes(version)) faults.push(`CHANGELOG.md has ${version} already.`);
// The first release may be what package.json has said all along.
if (!isLater(version, former) && !(version === former && released.length === 0))
  faults.push(`${version} does not come after ${former}.`);
if (unreleased === null || unreleased[1].trim() === '')
  faults.push('CHANGELOG.md has nothing under [Unreleased]: what would users notice?');
if (faults.length > 0) refuse(...faults);

const date = new Date().toISOString().slice(0, 10);
const change = (path, from, to) => {
  const text = read(path);
  const changed = text.replace(from, to);
  if (changed === text && !text.includes(version)) refuse(`${path} does not say its version where it used to.`);
  writeFileSync(path, changed);
};
change(
  'CHANGELOG.md',
  /^(?:`package\.json` says [^]*?\n\n)?## \[Unreleased\]\n/m,
  `## [Unreleased]\n\n## [${version}] - ${date}\n`,
);
change('package.json', /^( {2}"version": )"[^"]+"/m, `$1"${version}"`);
// The package's own two: at the top, and as the root of its packages.
change('package-lock.json', /^( {2}"version": )"[^"]+"/m, `$1"${version}"`);
change('package-lock.json', /("": \{\n\s+"name": "kit-herald",\n\s+"version": )"[^"]+"/, `$1"${version}"`);
change('deploy/kubernetes/example/kustomization.yaml', /newTag: .*/, `newTag: ${version}`);

const recorded = readdirSync('test/replay/histories').sort((one, other) => one.slice(1) - other.slice(1));
const newest = recorded.at(-1);
const since = git('log', '-1', '--format=%H', '--', 'test/replay/histories');
const changed = git('diff', '--name-only', since, 'HEAD', '--', 'workflows', 'src/domain').split('\n').filter(Boolean);

console.log(`${former} → ${version}, in CHANGELOG.md, package.json, package-lock.json and deploy/kubernetes/example.

Histories: the newest are ${newest}; ${String(changed.length)} files that decide have changed since they were recorded.
${changed.length === 0 ? 'Nothing is to be recorded.' : `Where a rule is guarded anew (docs/changing-a-journey.md): VERSION=v${String(Number(newest.slice(1)) + 1)} npm run histories`}

Read CHANGELOG.md once more: does it say which migrations there are, and whether ${former} can live with them? Then:

  npm run check && npm test && npm run test:processes
  git add -A && git commit -m "Release ${version}"
  git tag -a v${version} -m "kit-herald ${version}"
  docker build -t registry.example.com/kit-herald:${version} .
  npm sbom --omit=dev --sbom-format=cyclonedx > kit-herald-${version}.cdx.json
  git push --follow-tags && docker push registry.example.com/kit-herald:${version}`);
