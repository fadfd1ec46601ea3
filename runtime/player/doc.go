// Package player serves the page that plays courses in a browser, and what the page is made of.
//
// # In the browser
//
//	player.js      opens the launch and puts the parts together
//	session.js     asks the service for the session document
//	course12.js    SCORM 1.2: which activity runs, and the rollup of several
//	course2004.js  SCORM 2004: the same by its sequencing
//	run.js         one activity while it runs: its API, its state, its time
//	cmi.js         states of the data model: what is kept of one, what is loaded again
//	tracker.js     what is known of each activity; makes commits
//	outbox.js      keeps commits until the service has them; any page of the origin may deliver
//	view.js        all that is seen, but for the content itself
//
// The content runs in a frame of the same origin and finds its API on the player's window, where both standards look for it.
//
// # A commit's way
//
//	content → API (scorm-again) → run → tracker → outbox (localStorage) → POST /api/v1/commits
//
// Commit and Terminate answer "true" as soon as the outbox has the state: from then on closing the page, losing the
// network or ending the launch delays it and does not lose it. The newest state of an activity replaces an older one that is
// still undelivered, for each is the whole state.
package player
