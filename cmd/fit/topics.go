package main

import (
	_ "embed"
	"fmt"
	"io/fs"
	"os"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/search/rank/fit"
)

// domain.txt holds what people ask elsewhere in the field of payment, by topic.
//
//go:embed domain.txt
var domain string

// fitTopics learns which words belong together, and writes that to file and into model. The topics
// are the bundled guide's articles and intents, and the sections of outside.txt and of domain.txt.
func fitTopics(file string, model *rank.Model) (err error) {
	outside, err := fs.ReadFile(content.FS(), "outside.txt")
	if err != nil {
		return err
	}
	lib, ix, err := indexGuide(content.FS(), nil, model)
	if err != nil {
		return err
	}
	topics := append(sections(string(outside)), sections(domain)...)
	for i := range lib.Articles {
		topics = append(topics, lib.Articles[i].Phrasings())
	}
	for _, intent := range kb.Intents() {
		topics = append(topics, lib.Phrases.Intents[intent])
	}
	var texts []fit.LabeledText
	for topic, phrasings := range topics {
		for _, s := range phrasings {
			texts = append(texts, fit.LabeledText{Text: ix.Tokenize(ix.Normalize(s)), Topic: topic})
		}
	}
	learnt, err := fit.Topics(texts, len(topics))
	if err != nil {
		return err
	}
	model.Topics = *learnt
	fmt.Printf("topics: %d texts about %d topics\n", len(texts), len(topics))
	packed, err := model.Topics.MarshalBinary()
	if err != nil {
		return err
	}
	return os.WriteFile(file, packed, 0o644)
}
