package main

import "strings"

// changes lists what was replaced to make one text of the other, as "绿 → 率".
func changes(before, after string) []string {
	a, b := []rune(before), []rune(after)
	common := subsequences(a, b)
	var out []string
	var from, to []rune
	flush := func() {
		if text := strings.TrimSpace(string(from) + string(to)); text != "" {
			out = append(out, strings.TrimSpace(string(from))+" → "+strings.TrimSpace(string(to)))
		}
		from, to = nil, nil
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			flush()
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			from = append(from, a[i])
			i++
		default:
			to = append(to, b[j])
			j++
		}
	}
	flush()
	return out
}

// subsequences[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
func subsequences(a, b []rune) [][]int {
	common := make([][]int, len(a)+1)
	common[len(a)] = make([]int, len(b)+1)
	for i := len(a) - 1; i >= 0; i-- {
		common[i] = make([]int, len(b)+1)
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}
