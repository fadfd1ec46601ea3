// Package adl replays the test cases of the ADL SCORM 2004 4th Edition Test Suite against the player's own modules, in Node:
//
//	packages/NAME.zip ──the importer's parser──► content.Structure ─┐
//	cases/NAME.properties ──────────────────────────────────────────┴─► replay/replay.mjs: course2004.js over scorm-again ──► report
//
// A case lists which activity is delivered when, the calls that its content makes with the return value and error code of each, what the learner is
// offered, and what the learner does. Each state that the player commits on the way has to pass the service's check of it.
package adl_test
