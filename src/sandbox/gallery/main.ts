import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readSettings } from '../../config.js';
import { composeGallery, createGalleryServer } from './gallery.js';
import { readTemplatesDir } from '../../email/overrides.js';
import { createBrand } from '../../process/emailing.js';

/** `npm run emails`: every email under the brand, wording and templates that the settings name, in the browser. */
const settings = readSettings(process.env);
const own = createBrand(settings);
const brand = {
  ...own,
  // What isn't set is shown with an example, so that every part can be looked at.
  supportEmail: own.supportEmail ?? 'support@example.com',
  supportPhone: own.supportPhone ?? '+1 555 010 0199',
  postalAddress: own.postalAddress ?? '1 Example Street, Springfield 00000',
};
const overrides =
  settings.emailTemplatesDir === null
    ? {}
    : await readTemplatesDir(settings.emailTemplatesDir, { portalUrl: brand.portalUrl });

const server = createGalleryServer(await composeGallery(brand, overrides));
const port = Number(process.argv[2] ?? 0);
server.listen(Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : 0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(
  `Every email: http://127.0.0.1:${String((server.address() as AddressInfo).port)}/ (Ctrl-C ends it)\n`,
);
