package config

import "strings"

// Nearest is the candidate that was probably meant, empty without one. Case,
// "_" and "-" do not count, then up to two typing errors do not; else a value
// that contains a candidate, or is a part of one, means it.
func Nearest(value string, candidates []string) string {
	const tooLong = 64
	folded := fold(value)
	if folded == "" || len(folded) > tooLong {
		return ""
	}
	best, bestDistance := "", 1+min(2, len(folded)/3)
	for _, candidate := range candidates {
		if d := distance(folded, fold(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	const tooShort = 4
	for _, candidate := range candidates {
		c := fold(candidate)
		contains := len(c) >= tooShort && strings.Contains(folded, c) || len(folded) >= tooShort && strings.Contains(c, folded)
		if best == "" && contains {
			best = candidate
		}
	}
	return best
}

func fold(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s))
}

// distance is the number of inserted, removed, changed and swapped neighbouring
// bytes between a and b (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
