package kb

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseLexicon(t *testing.T) {
	in := `# a comment
[polite]
请问 你好  # another
谢谢
[typos]
费率: 费绿 废率
费率 ?手续费, 刷卡: 汇率
[same]
小票 签购单
到账 入账
[names]
bank: 工行 建行
bank: 农行
[kinds]
how: 怎么办 咋办
`
	want := Lexicon{
		Polite: []string{"请问", "你好", "谢谢"},
		Typos: []Typo{
			{Wrong: "费绿", Right: "费率"},
			{Wrong: "废率", Right: "费率"},
			{Wrong: "汇率", Right: "费率", Near: []string{"手续费", "刷卡"}},
		},
		Same:  [][]string{{"小票", "签购单"}, {"到账", "入账"}},
		Names: map[string][]string{"bank": {"工行", "建行", "农行"}},
		Kinds: map[string][]string{"how": {"怎么办", "咋办"}},
	}
	for name, data := range map[string]string{"unix": in, "windows": strings.ReplaceAll(in, "\n", "\r\n")} {
		if got, faults := parseLexicon("lexicon.txt", []byte(data)); len(faults) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: parseLexicon = %+v, %v; want %+v", name, got, faults, want)
		}
	}
}

func TestLexiconFaults(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"请问", "x:1: error: unknown section []; use polite, typos, same, names or kinds"},
		{"[colours]\nred", "x:2: error: unknown section [colours]; use polite, typos, same, names or kinds"},
		{"[polite]\n请问\n你好 请问", "x:3: error: 「请问」 stands twice in [polite], first on line 2; keep one of them"},
		{"[same]\n小票 签购单\n签购单 凭条", "x:3: error: 「签购单」 stands twice in [same], first on line 2; keep one of them"},
		{"[typos]\n费率 费绿", `x:2: error: no "key: words" in [typos]; write a key, a colon and its words`},
		{"[names]\nbank:", `x:2: error: no "key: words" in [names]; write a key, a colon and its words`},
		{"[kinds]\nhow 怎么办", `x:2: error: no "key: words" in [kinds]; write a key, a colon and its words`},
	} {
		if _, faults := parseLexicon("x", []byte(c.in)); len(faults) != 1 || faults[0].String() != c.want {
			t.Errorf("parseLexicon(%q) has faults %v; want %s", c.in, faults, c.want)
		}
	}
}

func FuzzLexicon(f *testing.F) {
	for _, in := range []string{"[polite]\n请问", "[typos]\n费率 ?a,b: 汇率", "[same]\na b\nb", "[names]\n:x", "[kinds", ": ?"} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lex, faults := parseLexicon("x", data)
		for _, group := range lex.Same {
			if len(group) == 0 {
				t.Fatal("an empty group: its first word names it")
			}
		}
		for _, typo := range lex.Typos {
			if typo.Wrong == "" {
				t.Fatalf("nothing is misspelt: %+v", typo)
			}
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.Line > strings.Count(string(data), "\n")+1 {
				t.Fatalf("fault %v is outside the file", fault)
			}
		}
	})
}
