// Package browser plays courses in a real Chromium, on the engine with a real database. The engine is put together in
// the test; the browser is driven from Node by the *.mjs files here, with playwright-core. Build tag system.
//
//	units.mjs      what of the player needs no browser
//	packages.mjs   every package of LECTERN_CONTENT and the sample: imported, launched, driven, closed, resumed in a new browser
//	delivery.mjs   what happens to work when the network, the page, the tab or the launch goes away
//	player.mjs     what learners see: the bar, contents, messages; by keyboard, and read by axe
//	console.mjs    what people do in the console and read in the reference, in a wide window and on a phone; read by axe
//	hostile.mjs    courses that attack the console, other tenants and each other, and get nothing
package browser
