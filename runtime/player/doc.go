// Package player serves the page that plays courses in a browser, and what the page is made of.
//
// # In the browser
//
//	player.js      opens the launch and puts the parts together
//	session.js     asks the service for the session document; storage.js is where its token lies
//	course12.js    SCORM 1.2: which activity runs, and the rollup of several (result.js)
//	course2004.js  SCORM 2004: the same by its sequencing (sequencing*.js, repairs*.js); delta.js keeps its state
//	               small, outlook.js says where a learner could go from here
//	run.js         one activity while it runs: its state, its time; scorm12.js and scorm2004.js prepare its API
//	cmi.js         states of the data model: what is kept of one, what is loaded again
//	tracker.js     what is known of each activity; makes commits
//	outbox.js      keeps commits until the service has them; any player's page of the course may deliver
//	stage.js       shows and takes away content (frame.js); view.js is all that is seen around it
//
// The content runs in a frame of the same origin, which is its course's alone (launch.Players), and finds its API on the
// player's window, where both standards look for it.
//
// # A commit's way
//
//	content → API (scorm-again) → run → tracker → outbox (localStorage) → POST /api/v1/commits
//
// Commit and Terminate answer "true" as soon as the outbox has the state: from then on closing the page, losing the
// network or leaving the launch delays it and does not lose it. The newest state of an activity replaces an older one that is
// still undelivered, for each is the whole state.
package player
