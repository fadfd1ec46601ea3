// Packages of one page, made here: a course that attacks (attacks.js), and one that it is after.
import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";

const manifest = (title) => `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="one" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="o"><organization identifier="o"><title>${title}</title><item identifier="i" identifierref="r"><title>${title}</title></item></organization></organizations>
  <resources><resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="index.html"><file href="index.html"/></resource></resources>
</manifest>`;

const page = (title, script = "") => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body><p>${title}</p>${script}</body></html>`;

export const hostileCourse = async () => zip({
  "imsmanifest.xml": manifest("Hostile"), "index.html": page("Hostile", '<script src="attacks.js"></script>'),
  "attacks.js": await readFile(new URL("attacks.js", import.meta.url), "utf8"), "worker.js": "addEventListener('fetch', () => {});",
});

/** @param {string} secret is in one of its files */
export const honestCourse = (title, secret) => zip({ "imsmanifest.xml": manifest(title), "index.html": page(title), "secret.txt": secret });

/** An archive of stored files (PKWARE APPNOTE 4.3). @param {Record<string, string>} files */
function zip(files) {
  const bodies = [], entries = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [label, data] = [Buffer.from(name), Buffer.from(text)];
    const common = Buffer.alloc(26); // what both headers share: from the version that is needed to the length of the extra field
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8); // 1 January 1980
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(label.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, label, data]);
    bodies.push(local);
    entries.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, rest, label]));
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, directory, end]);
}
