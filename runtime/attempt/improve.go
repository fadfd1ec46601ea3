package attempt

// Improve is r with what is better in late, the result that a superseded launch reports; changed says whether anything
// is. It never makes a result worse, and does not add up time, which the newer launch counts on.
//
//	completion  incomplete, not attempted, unknown → completed
//	success     failed, unknown → passed
//	score       the higher one: by scaled if both have it, else by raw if both have the same range. Where the two cannot
//	            be compared, that of a launch whose success is better, or the only one there is.
//	progress    the higher one
func (r Result) Improve(late Result) (better Result, changed bool) {
	if late.Completion == CompletionCompleted && r.Completion != CompletionCompleted {
		r.Completion, changed = CompletionCompleted, true
	}
	succeeded := late.Success == SuccessPassed && r.Success != SuccessPassed
	if succeeded {
		r.Success, changed = SuccessPassed, true
	}
	if late.Score.betterThan(r.Score, succeeded) {
		r.Score, changed = late.Score, true
	}
	if late.Progress != nil && (r.Progress == nil || *late.Progress > *r.Progress) {
		r.Progress, changed = late.Progress, true
	}
	return r, changed
}

func (s *Score) betterThan(old *Score, undecided bool) bool {
	switch {
	case s == nil || s.Scaled == nil && s.Raw == nil:
		return false
	case old == nil || old.Scaled == nil && old.Raw == nil:
		return true
	case s.Scaled != nil && old.Scaled != nil:
		return *s.Scaled > *old.Scaled
	case s.Raw != nil && old.Raw != nil && same(s.Min, old.Min) && same(s.Max, old.Max):
		return *s.Raw > *old.Raw
	}
	return undecided
}

func same(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
