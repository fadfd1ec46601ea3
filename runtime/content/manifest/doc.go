// Package manifest recognises what kind of course a package holds, and reads it: imsmanifest.xml of SCORM 1.2 and SCORM
// 2004, cmi5.xml, tincan.xml, or the course files of AICC.
//
// Everything that is wrong is found in one reading and told in a report: the rule, the file, the line, what would do, and where the rule
// is written. What real authoring tools get wrong and a course survives is a warning; what a learner would trip over is
// an error, and one error refuses the package.
//
//	package files ──locate──► manifest ──parse (bounded)──► elements with lines ──read per standard──► content.Structure
//	                                                                                  └──► findings ──► content.Report
package manifest
