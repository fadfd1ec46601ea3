// Package record turns the requests that instances send to AWS in the tests into the questions that IAM would be asked, and
// keeps them in catalogues, one for each kind of instance:
//
//	test that boots or runs an instance ──► Recorder ──► ../testdata/calls/NAME.json ──► test/iam evaluates them
//
// A test fails that sees a call which its catalogue does not have; with -update-calls the call is added. A request whose
// operation, or whose resource, is not known fails the test as well: nothing is dropped. Physical names, which differ with each deployment, are
// placeholders in a catalogue: the paths of runtime/contract's Config (${database.secretArn}) and what user data says.
//
// With LECTERN_CALLS=FOLDER every Recorder also writes its calls there, as JSON lines, so that calls that nothing makes any
// more can be found after a whole run.
package record
