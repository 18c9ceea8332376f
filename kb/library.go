package kb

// Library is one whole guide, ready to serve. It does not change after Load; an edit makes a new one.
type Library struct {
	Articles []Article // in order of category, then id
	Lexicon  Lexicon
	Codes    Codes
	Phrases  Phrases
	Hosts    []string // hosts that articles may link to; a host covers its subdomains
	Outside  []string // questions that the guide does not answer: examples to decline by
	Revision string   // hash over every file: equal revisions are equal guides

	byID       map[string]int
	ownPhrases bool // the phrases are the guide's own, not the base's
}

// Article returns the article with that id.
func (l *Library) Article(id string) (*Article, bool) {
	i, ok := l.byID[id]
	if !ok {
		return nil, false
	}
	return &l.Articles[i], true
}

// InCategory returns the articles of one category, in the guide's order.
func (l *Library) InCategory(id string) []*Article {
	var out []*Article
	for i := range l.Articles {
		if l.Articles[i].Category == id {
			out = append(out, &l.Articles[i])
		}
	}
	return out
}

// NewLibrary makes a guide of articles alone, in their order, for whoever has them from elsewhere
// than files. Two articles with one id are an error of the caller's: the later one is found.
func NewLibrary(articles []Article, revision string) *Library {
	l := &Library{Articles: articles, Revision: revision}
	l.indexArticles()
	return l
}

// indexArticles lets the articles be found by their ids.
func (l *Library) indexArticles() {
	l.byID = make(map[string]int, len(l.Articles))
	for i := range l.Articles {
		l.byID[l.Articles[i].ID] = i
	}
}
